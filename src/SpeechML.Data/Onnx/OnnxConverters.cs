using Microsoft.ML;
using Microsoft.ML.Model.OnnxConverter;

namespace SpeechML.Data.Onnx;

/// <summary>What writes transformers into an ONNX model of ML.NET's.</summary>
internal interface IOnnxConverter
{
    /// <summary>Whether it can write a transformer.</summary>
    bool Takes(ITransformer transformer);

    /// <summary>
    /// Writes it: the columns that it reads are variables of the context, those that it makes become such.
    /// </summary>
    void Save(OnnxContext context, ITransformer transformer);
}

/// <summary>The converter of the package SpeechML.OnnxConverter, where a program references it.</summary>
internal static class OnnxConverters
{
    private static readonly Lazy<IOnnxConverter?> s_found = new(() =>
        Type.GetType("SpeechML.OnnxConverter.Chains.ContextConverter, SpeechML.OnnxConverter") is { } type
            ? (IOnnxConverter?)Activator.CreateInstance(type) : null);

    public static IOnnxConverter? Found => s_found.Value;
}
