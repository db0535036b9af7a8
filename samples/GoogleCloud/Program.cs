// Trains from a bucket into a bucket: audio, metadata, split, encoder, checkpoints, run folder and model are all at
// gs:// addresses.
//   dotnet run -c Release --project samples/GoogleCloud      on a server in this process, without an account
//   ... -- gs://bucket/folder      on Google Cloud Storage, by application-default credentials; with
//   STORAGE_EMULATOR_HOST=localhost:4443 in the environment on an emulator
using System.CommandLine;
using GoogleCloudSample;
using SpeechML;

var place = new Argument<string>("place")
{
    Description =
    "gs://bucket/folder to put the sample recordings into and to train from; without it, a server in this process",
    Arity = ArgumentArity.ZeroOrOne
};
var latency = new Option<int>("--latency")
{
    Description =
    "Milliseconds that the server in this process waits before each answer",
    DefaultValueFactory = _ => 20
};
var epochs = new Option<int>("--epochs")
{
    Description = "Epochs of training; 3 show the way, they make no good model",
    DefaultValueFactory = _ => 3
};
var root = new RootCommand("Trains a speech model from a bucket.") { place, latency, epochs };
root.SetAction(parsed =>
{
    try
    {
        using var bucket = new Bucket(parsed.GetValue(place), TimeSpan.FromMilliseconds(parsed.GetValue(latency)));
        new Job(bucket.Root).Run(parsed.GetValue(epochs));
        Console.WriteLine(bucket.Summary);
        return 0;
    }
    catch (Exception e) when (e is IOException or ArgumentException or InvalidDataException or AudioException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});
return root.Parse(args).Invoke();
