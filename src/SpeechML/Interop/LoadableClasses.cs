using Microsoft.ML;
using SpeechML;

// What ML.NET finds when it loads a zip whose header names this assembly.
[assembly: LoadableClass(
    typeof(SpeechBinaryTransformer), null, typeof(SignatureLoadModel), "Fine-tuned binary speech classifier",
    SpeechBinaryTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(SpeechClassificationTransformer), null, typeof(SignatureLoadModel), "Fine-tuned speech classifier",
    SpeechClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(SpeechEncodingTransformer), null, typeof(SignatureLoadModel), "Speech encoder features",
    SpeechEncodingTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(SpeechMultiLabelTransformer), null, typeof(SignatureLoadModel), "Fine-tuned multi-label speech classifier",
    SpeechMultiLabelTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(SpeechRegressionTransformer), null, typeof(SignatureLoadModel), "Fine-tuned speech regression",
    SpeechRegressionTransformer.LoaderSignature)]

// Zips written before the assembly was divided name this one for transformers that are in SpeechML.Data now. They have
// other loader
// signatures there, because ML.NET refuses one that two assemblies give.
[assembly: LoadableClass(
    typeof(AudioLoadingTransformer), null, typeof(SignatureLoadModel), "Loads audio files", "SpeechAudioLoading")]
[assembly: LoadableClass(
    typeof(AudioResamplingTransformer), null, typeof(SignatureLoadModel), "Resamples audio", "SpeechAudioResampling")]
[assembly: LoadableClass(
    typeof(AudioEditingTransformer), null, typeof(SignatureLoadModel), "Trims, truncates or normalises audio",
    "SpeechAudioEditing")]
[assembly: LoadableClass(
    typeof(AudioAugmentationTransformer), null, typeof(SignatureLoadModel), "Augments audio in training",
    "SpeechAudioAugmentation")]
[assembly: LoadableClass(
    typeof(ProbabilityCalibrationTransformer), null, typeof(SignatureLoadModel),
    "Calibrates probabilities of several labels", "SpeechCalibration")]
[assembly: LoadableClass(
    typeof(ProbabilityTemperatureTransformer), null, typeof(SignatureLoadModel),
    "Calibrates class probabilities by a temperature", "SpeechTemperature")]
[assembly: LoadableClass(
    typeof(ProbabilityFusionTransformer), null, typeof(SignatureLoadModel), "Mean of several models' probabilities",
    "SpeechFusion")]
[assembly: LoadableClass(
    typeof(ThresholdTransformer), null, typeof(SignatureLoadModel), "Decides by thresholds chosen on validation data",
    "SpeechThresholds")]
