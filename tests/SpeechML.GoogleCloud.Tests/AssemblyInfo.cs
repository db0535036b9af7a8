// One store is registered for gs:// in the whole process: one test at a time.


[assembly: DoNotParallelize]
