using System.CommandLine;
using SpeechML.Runs;
using SpeechML.Sweeps.Studies;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Verbs;

/// <summary>Writes the HTML report of a run or of a study.</summary>
internal sealed class ReportVerb : IVerb
{
    private const string StudyFile = StudyLog.FileName;

    private readonly Argument<string> _folder = new("folder") { Description = "The folder of a run or of a study" };

    public int Order => 6;

    public Command Create()
    {
        var command = new Command("report", "Writes the HTML report of a run or of a study (sweep) anew.") { _folder };
        command.SetVerb((parsed, output, _) =>
        {
            string folder = ConfiguredRun.Whole(parsed.GetValue(_folder)!);
            SavedModel.RefuseHub(folder, "report on");
            if (!Has(folder, RunFiles.TrainConfig) && !Has(folder, StudyFile))
            {
                throw new InvalidDataException(
                    $"Run or study '{folder}': expected a folder with {RunFiles.TrainConfig} (of train) or " +
                    $"{StudyFile} (of sweep), got {(Directory.Exists(folder) ? "neither in it" : "no such folder")}.");
            }
            string report = Has(folder, RunFiles.TrainConfig) ? SpeechReport.Write(folder)
                : SpeechReport.WriteStudy(folder);
            output.Line($"report: {report}");
            output.Result(new { report });
            return ExitCode.Done;
        });
        return command;
    }

    private static bool Has(string folder, string file) => StoragePath.Exists(StoragePath.Combine(folder, file));
}
