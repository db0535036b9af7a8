// The other process of the save-and-load tests. Its code knows ML.NET only: nothing of SpeechML is named, registered or
// called here.
// Usage: SpeechML.ModelLoader MODEL.zip PATHS.txt COLUMN > one line of numbers (round-trip format) per audio file
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

var mlContext = new MLContext();
ITransformer model = mlContext.Model.Load(args[0], out DataViewSchema _);
IDataView data = mlContext.Data.LoadFromEnumerable(
    File.ReadAllLines(args[1]).Select(path => new Row { Path = path, Text = path }));
IDataView scored = model.Transform(data);
foreach (VBuffer<float> values in scored.GetColumn<VBuffer<float>>(args[2]))
{
    Console.WriteLine(string.Join(' ',
        values.DenseValues().Select(v => v.ToString("R", CultureInfo.InvariantCulture))));
}

internal sealed class Row
{
    public string Path { get; set; } = "";

    public string Text { get; set; } = "";

    public string Label { get; set; } = "";

    [VectorType(2)]
    public float[] Labels { get; set; } = [0, 0];
}
