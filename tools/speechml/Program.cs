using SpeechML;
using SpeechML.Tool.Cli;

ThreadSettings.Apply();
GoogleCloudStorage.Register(); // asks nothing of anybody until an address is used
return ToolCommand.Run(args);
