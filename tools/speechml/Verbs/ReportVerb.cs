using System.CommandLine;
using SpeechML.Runs;
using SpeechML.Sweeps.Studies;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Verbs;

/// <summary>Writes the HTML report of a run or of a study.</summary>
internal sealed class ReportVerb : IVerb
{
    private readonly Argument<string> _folder = new("folder") { Description = "The folder of a run or of a study" };

    public int Order => 6;

    public Command Create()
    {
        var command = new Command("report", "Writes the HTML report of a run or of a study (sweep) anew.") { _folder };
        command.SetVerb((parsed, output, _) =>
        {
            string folder = ConfiguredRun.Whole(parsed.GetValue(_folder)!);
            SavedModel.RefuseHub(folder, "report on");
            bool isRun = StoragePath.Exists(StoragePath.Combine(folder, RunFiles.TrainConfig));
            if (!isRun && !StudyLog.Exists(folder))
            {
                bool isThere = StoragePath.IsRemote(folder) || Directory.Exists(folder);
                throw new InvalidDataException(
                    $"Run or study '{folder}': expected a folder with {RunFiles.TrainConfig} (of train) or " +
                    $"{StudyLog.FileName} (of sweep), got {(isThere ? "neither in it" : "no such folder")}.");
            }
            string report = isRun ? SpeechReport.Write(folder) : SpeechReport.WriteStudy(folder);
            output.Line($"report: {report}");
            output.Result(new { report });
            return ExitCode.Done;
        });
        return command;
    }
}
