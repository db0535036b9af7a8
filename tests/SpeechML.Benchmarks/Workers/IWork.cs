namespace SpeechML.Benchmarks.Workers;

/// <summary>One side of a race, in a process of its own.</summary>
internal interface IWork : IDisposable
{
    /// <summary>What is timed.</summary>
    void Run();

    /// <summary>What both sides must agree on before anything is timed.</summary>
    float[] Check();
}

/// <summary>A side that measures itself.</summary>
internal interface IMeasuredWork : IWork
{
    /// <summary>What the last run took, or another time that is compared.</summary>
    double Seconds { get; }
}

/// <summary>A side made of two actions.</summary>
internal sealed class Work(Action run, Func<float[]> check, params IDisposable[] owned) : IWork
{
    public void Run() => run();

    public float[] Check() => check();

    public void Dispose()
    {
        foreach (IDisposable one in owned)
        {
            one.Dispose();
        }
    }
}
