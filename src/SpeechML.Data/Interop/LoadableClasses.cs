using Microsoft.ML;
using SpeechML;

// What ML.NET finds when it loads a zip whose header names this assembly.
[assembly: LoadableClass(
    typeof(AudioAugmentationTransformer), null, typeof(SignatureLoadModel), "Augments audio in training",
    AudioAugmentationTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(AudioEditingTransformer), null, typeof(SignatureLoadModel), "Trims, truncates or normalises audio",
    AudioEditingTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(AudioLoadingTransformer), null, typeof(SignatureLoadModel), "Loads audio files",
    AudioLoadingTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(AudioResamplingTransformer), null, typeof(SignatureLoadModel), "Resamples audio",
    AudioResamplingTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(MfccMeasuringTransformer), null, typeof(SignatureLoadModel), "Mel-frequency cepstral coefficients of audio",
    MfccMeasuringTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(ProbabilityCalibrationTransformer), null, typeof(SignatureLoadModel),
    "Calibrates the probabilities of several labels", ProbabilityCalibrationTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(ProbabilityFusionTransformer), null, typeof(SignatureLoadModel), "Mean of several models' probabilities",
    ProbabilityFusionTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(ProbabilityTemperatureTransformer), null, typeof(SignatureLoadModel),
    "Calibrates class probabilities by a temperature", ProbabilityTemperatureTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(SpeakerScoringTransformer), null, typeof(SignatureLoadModel), "Compares embeddings of speakers",
    SpeakerScoringTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(SpeechSegmentationTransformer), null, typeof(SignatureLoadModel), "Cuts audio into segments of speech",
    SpeechSegmentationTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(SubjectNormalizingTransformer), null, typeof(SignatureLoadModel),
    "Sets measures in relation to the subject's own", SubjectNormalizingTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(ThresholdTransformer), null, typeof(SignatureLoadModel), "Decides by thresholds chosen on validation data",
    ThresholdTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(VoiceMeasuringTransformer), null, typeof(SignatureLoadModel), "Acoustic measures of voices",
    VoiceMeasuringTransformer.LoaderSignature)]
