using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.AudioColumns;

namespace SpeechML;

/// <summary>Base of the transformers that make another clip of each clip; they run ahead on other threads.</summary>
public abstract class AudioChangingTransformer : ColumnTransformer<MLAudio, MLAudio>
{
    private protected AudioChangingTransformer(IHost host, string outputColumnName, string inputColumnName)
        : base(host, outputColumnName, inputColumnName)
    {
    }

    private protected sealed override DataViewType InputType => AudioDataViewType.Instance;

    private protected sealed override DataViewType OutputType => AudioDataViewType.Instance;

    /// <summary>What is made of a clip; called from several threads.</summary>
    private protected abstract MLAudio Change(MLAudio audio);

    private protected sealed override MLAudio ProcessOne(MLAudio row) => Change(row);

    private protected sealed override IEnumerable<MLAudio> Process(IEnumerable<MLAudio> rows) =>
        ReadAheadRows.Map(rows, Change, audio => audio.Length);
}
