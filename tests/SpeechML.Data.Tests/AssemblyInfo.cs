// Nothing here is process-wide: no torch, no seed, no registered store. A class that has such says [DoNotParallelize].


[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]
