// Decoders are registered for the whole process: one test at a time.
[assembly: DoNotParallelize]
