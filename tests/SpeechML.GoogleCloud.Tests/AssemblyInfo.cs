// What is process-wide here (a current folder, registered stores) says so at its class: [DoNotParallelize].

[assembly: Microsoft.VisualStudio.TestTools.UnitTesting.DoNotParallelize]
