// Runs command lines of the tool one after another in one process: a start and its compilation are most of what a short
// command takes.
// < a line of JSON for each: {"Arguments": ["predict", ...], "Folder": null, "Input": ""}
// > a line of JSON for each: {"Code": 0, "Output": "...", "Error": "..."}
using System.Text.Json;
using SpeechML;
using SpeechML.Tool.Cli;
using SpeechML.ToolHost;

ThreadSettings.Apply();
GoogleCloudStorage.Register();
SpeechFFmpeg.Register();
TextReader commands = Console.In;
TextWriter answers = Console.Out;
while (commands.ReadLine() is { } line)
{
    answers.WriteLine(JsonSerializer.Serialize(ToolCall.Run(JsonSerializer.Deserialize<ToolCall>(line)!)));
    answers.Flush();
}
return 0;
