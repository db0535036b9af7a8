using SpeechML.Data.Interop;
using SpeechML.Model;
using SpeechML.Training;

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
            using SpeechModel model =
                SpeechModel.FromPretrained(
                catalog.Context, options.Encoding,
                new NetworkPlan(options.Head, outputs, options.Lora, options.SoftPrompt),
                ContextSeed.Of(catalog.Context, options.Seed));
            EncoderFreezing.Apply(model.Network, options);
            return SpeechParameterTable.Of(model.Network);
        }
    }
}
