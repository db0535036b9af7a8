// The other process of the save-and-load tests. Its code knows ML.NET only: nothing of SpeechML is named, registered or
// called here.
// Usage: SpeechML.ModelLoader PATHS.txt MODEL.zip COLUMN [MODEL.zip COLUMN ...]
// > of each model one line of numbers (round-trip format) per audio file
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

var mlContext = new MLContext();
IDataView data = mlContext.Data.LoadFromEnumerable(
    File.ReadAllLines(args[0]).Select(path => new Row { Path = path, Text = path }));
foreach (string[] asked in args.Skip(1).Chunk(2))
{
    ITransformer model = mlContext.Model.Load(asked[0], out DataViewSchema _);
    IDataView scored = model.Transform(data);
    foreach (VBuffer<float> values in scored.GetColumn<VBuffer<float>>(asked[1]))
    {
        Console.WriteLine(string.Join(' ',
            values.DenseValues().Select(v => v.ToString("R", CultureInfo.InvariantCulture))));
    }
}

internal sealed class Row
{
    public string Path { get; set; } = "";

    public string Text { get; set; } = "";

    public string Label { get; set; } = "";

    [VectorType(2)]
    public float[] Labels { get; set; } = [0, 0];
}
