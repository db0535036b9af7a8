using Microsoft.ML.Runtime;
using TorchSharp;

namespace SpeechML.Model;

/// <summary>
/// Turns <c>MLContext.GpuDeviceId</c> and <c>MLContext.FallbackToCpu</c> into a device, at fit and at load alike.
/// </summary>
internal static class DeviceSelection
{
    /// <summary>The device that the context asks for: the CPU where no GPU is named.</summary>
    /// <exception cref="InvalidOperationException">A GPU is named, there is none of that number, and falling back to
    /// the CPU is not allowed.</exception>
    public static torch.Device For(IHostEnvironment env)
    {
        TorchNativeLibrary.EnsureLoaded();
        var host = (IHostEnvironmentInternal)env;
        if (host.GpuDeviceId is not { } number)
        {
            return torch.CPU;
        }
        if (torch.cuda_is_available() && number >= 0 && number < torch.cuda.device_count())
        {
            return new torch.Device(DeviceType.CUDA, number);
        }
        if (torch.mps_is_available() && number == 0)
        {
            return torch.MPS;
        }
        return host.FallbackToCpu
            ? torch.CPU
            : throw new InvalidOperationException(
                $"MLContext.GpuDeviceId: expected the number of a GPU that this libtorch can use (it sees " +
                $"{(torch.cuda_is_available() ? torch.cuda.device_count() : 0)}), got {number}. " +
                "Use a CUDA build of libtorch, or set MLContext.FallbackToCpu.");
    }
}
