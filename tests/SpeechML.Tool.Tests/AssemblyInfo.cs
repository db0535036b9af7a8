// Tests count live tensors and set process-wide seeds: one at a time.

[assembly: Microsoft.VisualStudio.TestTools.UnitTesting.DoNotParallelize]
