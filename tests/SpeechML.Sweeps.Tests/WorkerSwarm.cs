using System.Diagnostics;
using SpeechML.Sweeps.Studies;

namespace SpeechML.Sweeps.Tests;

/// <summary>
/// Processes that work on one study, and that are killed while they have a trial, each replaced by another.
/// </summary>
internal sealed class WorkerSwarm : IDisposable
{
    private const int LongestDelay = 40; // ms from an event to the kill: about the time to the next
    private const int MaxEvents = 5; // between kills
    private const int Pause = 5; // ms between looks at the log, whose reading takes a core from the workers
    private readonly Func<string, Process> _start;
    private readonly Dictionary<string, (Process Process, Task<string> Output)> _workers = [];
    private int _started;

    /// <param name="workers">How many at a time.</param>
    /// <param name="start">Starts one of this name, with its output redirected.</param>
    public WorkerSwarm(int workers, Func<string, Process> start)
    {
        _start = start;
        for (int i = 0; i < workers; i++)
        {
            Start();
        }
    }

    /// <summary>Kills workers that have a trial.</summary>
    /// <param name="log">Reads the study's log.</param>
    /// <param name="kills">How many.</param>
    /// <param name="random">Chooses whom and when.</param>
    /// <param name="tell">Is told about each.</param>
    public void Kill(Func<List<StudyEvent>> log, int kills, Random random, Action<string> tell)
    {
        int until = 0;
        for (int i = 1; i <= kills; i++)
        {
            string[] holders;
            List<StudyEvent> events;
            do
            {
                Thread.Sleep(Pause);
                CheckAlive($"before kill {i} of {kills}");
                events = log();
                holders = [.. Holders(events).Where(_workers.ContainsKey)];
            }
            while (holders.Length == 0 || events.Count < until);
            Thread.Sleep(random.Next(LongestDelay));
            string chosen = holders[random.Next(holders.Length)];
            using (Process process = _workers[chosen].Process)
            {
                process.Kill();
                process.WaitForExit();
            }
            _workers.Remove(chosen);
            until = events.Count + random.Next(1, MaxEvents + 1);
            tell($"kill {i}: {chosen} after {events.Count} events");
            Start();
        }
    }

    /// <summary>Waits until all have come to their end, which must be a good one.</summary>
    public void Join()
    {
        foreach ((Process process, Task<string> output) in _workers.Values)
        {
            Assert.IsTrue(process.WaitForExit(TimeSpan.FromMinutes(3)), "a worker does not come to its end");
            Assert.AreEqual(0, process.ExitCode, output.Result);
        }
    }

    public void Dispose()
    {
        foreach ((Process process, _) in _workers.Values)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
            process.Dispose();
        }
    }

    private void Start()
    {
        string name = $"w{++_started}";
        Process process = _start(name);
        _workers[name] = (process, process.StandardOutput.ReadToEndAsync());
    }

    private void CheckAlive(string when)
    {
        foreach ((string name, (Process process, Task<string> output)) in _workers)
        {
            Assert.IsFalse(process.HasExited,
                $"Worker {name} ended {when}: {(process.HasExited ? output.Result : "")}");
        }
    }

    /// <summary>Who has trials, by the log.</summary>
    private static IEnumerable<string> Holders(List<StudyEvent> events)
    {
        var holders = new Dictionary<int, string>();
        foreach (StudyEvent entry in events)
        {
            switch (entry)
            {
                case TrialBegun { Worker: { } worker } begun:
                    holders[begun.Trial] = worker;
                    break;
                case TrialTaken { Worker: { } worker } taken:
                    holders[taken.Trial] = worker;
                    break;
                case TrialTaken given:
                    holders.Remove(given.Trial);
                    break;
                case TrialEnded ended:
                    holders.Remove(ended.Trial);
                    break;
            }
        }
        return holders.Values.Select(w => w.Split(' ')[0]);
    }
}
