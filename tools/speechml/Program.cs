using SpeechML;
using SpeechML.Tool.Cli;

ThreadSettings.Apply();
GoogleCloudStorage.Register(); // asks nothing of anybody until an address is used
SpeechFFmpeg.Register(); // starts nothing until a file needs it
return ToolCommand.Run(args);
