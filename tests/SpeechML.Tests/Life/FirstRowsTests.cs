using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Recordings;

namespace SpeechML.Tests.Life;

/// <summary>Whoever wants a few rows does not wait for many; whoever drops a cursor leaves nothing behind.</summary>
[TestClass]
public sealed class FirstRowsTests
{
    private const int Rows = 300;

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void FirstAndPreview_OfManyClips_ReadAFew()
    {
        var clips = new Counted();
        using SpeechEncodingTransformer model = LifeModels.Featurizer(_mlContext);
        IDataView encoded = model.Transform(_mlContext.Data.LoadFromEnumerable(clips));
        float[] first = encoded.GetColumn<float[]>("Score").First();
        Assert.IsTrue(LifeModels.AreEqual(LifeModels.Scores(_mlContext, model)[0], first));
        Assert.IsLessThanOrEqualTo(2, clips.Most);
        Assert.HasCount(5, encoded.Preview(5).RowView);
        Assert.IsLessThanOrEqualTo(16, clips.Most);
    }

    [TestMethod]
    public void Run_ManyClips_WindowsGrowAndResultsKeepTheirOrder()
    {
        // Very short clips: nothing but the number of clips ends a window.
        int read = 0;
        List<int> windows = [];
        int ran = 0;
        IEnumerable<float[]> Clips()
        {
            for (int i = 0; i < 1000; i++)
            {
                if (ran == i)
                {
                    windows.Add(0);
                }
                windows[^1]++;
                read = i + 1;
                yield return [i];
            }
        }
        float[] results = [.. BatchPlan.Run(Clips(), c => c, 1_000_000, batch =>
        {
            ran = read;
            return Array.ConvertAll(batch, c => c[0]);
        }).Select(p => p.Result)];
        CollectionAssert.AreEqual(Enumerable.Range(0, 1000).Select(i => (float)i).ToArray(), results);
        CollectionAssert.AreEqual(new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 233 }, windows);
    }

    [TestMethod]
    public void Cursor_Dropped_IsCollectedWithWhatItReads()
    {
        var clips = new Counted();
        using SpeechEncodingTransformer model = LifeModels.Featurizer(_mlContext);
        IDataView encoded = model.Transform(
            _mlContext.Transforms.ResampleAudio("Audio", 8_000)
                .Append(_mlContext.Transforms.ResampleAudio("Audio", 16_000))
                .Fit(_mlContext.Data.LoadFromEnumerable(clips)).Transform(_mlContext.Data.LoadFromEnumerable(clips)));
        Drop(encoded);
        Assert.IsNotEmpty(clips.Enumerators);
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (clips.Enumerators.Exists(e => e.IsAlive) && DateTime.UtcNow < deadline)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.AreEqual(0, clips.Enumerators.Count(e => e.IsAlive));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Drop(IDataView data)
    {
        for (int k = 0; k < 3; k++)
        {
            DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
            Assert.IsTrue(cursor.MoveNext());
        }
    }

    /// <summary>Clips that are counted as they are read.</summary>
    private sealed class Counted : IEnumerable<Clip>
    {
        public int Most { get; private set; }

        public List<WeakReference> Enumerators { get; } = [];

        public IEnumerator<Clip> GetEnumerator()
        {
            IEnumerator<Clip> enumerator = Read();
            Enumerators.Add(new WeakReference(enumerator));
            return enumerator;
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private IEnumerator<Clip> Read()
        {
            for (int i = 0; i < Rows; i++)
            {
                Most = Math.Max(Most, i + 1);
                yield return LifeModels.Clips[i % LifeModels.Clips.Length];
            }
        }
    }
}
