using Microsoft.ML;
using SpeechML;

// What ML.NET finds when it loads a zip whose header names this assembly.
[assembly: LoadableClass(
    typeof(SpeechOnnxTransformer), null, typeof(SignatureLoadModel), "Speech model on ONNX Runtime",
    SpeechOnnxTransformer.LoaderSignature)]
