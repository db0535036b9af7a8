// Scores uploaded audio by a saved model that tells classes apart:
//   dotnet run -c Release --project samples/ScoringService -- --Model runs/1/best/model.zip
//     --urls http://localhost:5080
//   curl --data-binary @clip.wav http://localhost:5080/score
// Limits:MaxBytes and Limits:MaxSeconds (appsettings, environment, command line) bound an upload. Latency is the
// histogram speechml.score.duration of the meter ScoringService (dotnet-counters monitor, OpenTelemetry).
using ScoringService;
using SpeechML;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
Limits limits = builder.Configuration.GetSection(nameof(Limits)).Get<Limits>() ?? new Limits();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = limits.MaxBytes);
builder.Services.AddHealthChecks();
builder.Services.AddSingleton(_ => new Scorer(builder.Configuration["Model"]
    ?? throw new InvalidOperationException("Option --Model: expected the path of a model zip, got none.")));

WebApplication app = builder.Build();
Scorer scorer = app.Services.GetRequiredService<Scorer>(); // a wrong model is known before the first request
app.MapHealthChecks("/health");
app.MapPost("/score", async (HttpRequest request, CancellationToken cancellation) =>
{
    try
    {
        MLAudio audio = await MLAudio.FromStreamAsync(request.Body, "upload", new AudioLoadingOptions(),
            new AudioLimits { MaxBytes = limits.MaxBytes, MaxDuration = TimeSpan.FromSeconds(limits.MaxSeconds) },
            cancellation);
        return Results.Json(await scorer.Score(audio, cancellation));
    }
    catch (AudioException e) when (e.Kind == AudioErrorKind.TooLong || e.InnerException is BadHttpRequestException)
    {
        return Results.Problem(e.Message, statusCode: 413);
    }
    catch (Exception e) when (e is AudioException or InvalidOperationException)
    {
        return Results.Problem(e.Message, statusCode: 422); // no audio, cut off, too short for the encoder, ...
    }
});
app.Run();

/// <summary>What an upload may be at most.</summary>
internal sealed record Limits
{
    public long MaxBytes { get; init; } = 10 << 20;

    public double MaxSeconds { get; init; } = 30;
}
