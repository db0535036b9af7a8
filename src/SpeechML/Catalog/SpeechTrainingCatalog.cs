using SpeechML.Data.Interop;
using SpeechML.Model;
using SpeechML.Training;
using SpeechML.Training.Probing;

namespace SpeechML;

/// <summary>Trainers of tasks that ML.NET has no catalog for, and what concerns training.</summary>
public static class SpeechTrainingCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>Trainers of tasks that ML.NET has no catalog for.</summary>
        public SpeechTrainers Trainers => new(catalog.Context);

        /// <summary>
        /// How many parameters a model of these options has, part by part, and how many of them train.
        /// </summary>
        /// <param name="options">Encoder, freezing, adapter, prompt, head. A Hub id is downloaded if need be.</param>
        /// <param name="outputs">Outputs of the head: classes, labels, or 1.</param>
        /// <exception cref="ArgumentException">An option is out of its range, or names what the encoder does not
        /// have.</exception>
        public SpeechParameterTable CountParameters(SpeechTrainingOptions options, int outputs)
        {
            ArgumentNullException.ThrowIfNull(options);
            ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
            options.Validate();
            (SpeechTrainingOptions used, _) = AutoSettings.Resolve(options);
            if (used.Layers == EncoderLayers.Auto)
            {
                used.Layers = EncoderLayers.Last;
            }
            using SpeechModel model =
                SpeechModel.FromPretrained(
                catalog.Context, used.Encoding,
                new NetworkPlan(used.Head, outputs, used.Lora, used.SoftPrompt),
                ContextSeed.Of(catalog.Context, used.Seed));
            EncoderFreezing.Apply(model.Network, used);
            return SpeechParameterTable.Of(model.Network);
        }
    }
}
