using System.CommandLine;
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
            string report = StudyLog.Exists(folder) ? SpeechReport.WriteStudy(folder)
                : SpeechReport.Write(SavedModel.FindRun(
                    parsed.GetValue(_folder)!, "report on", "the folder of a run (train) or of a study (sweep)"));
            output.Line($"report: {report}");
            output.Result(new { report });
            return ExitCode.Done;
        });
        return command;
    }
}
