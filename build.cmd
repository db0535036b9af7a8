@echo off
rem build | test [runner arguments] | test-slow [runner arguments] | demo [arguments] | bench [arguments] | pack
setlocal EnableExtensions EnableDelayedExpansion
cd /d "%~dp0"
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set DOTNET_NOLOGO=1
if "%CONFIGURATION%"=="" set CONFIGURATION=Release
set verb=%~1
if "%verb%"=="" set verb=build
set rest=
:collect
shift
if not "%~1"=="" ( set rest=!rest! "%~1" & goto collect )
where dotnet >nul 2>nul || ( echo build.cmd: expected the .NET 10 SDK ^('dotnet'^) on the PATH, found none; see https://dot.net 1>&2 & exit /b 1 )
if "%verb%"=="build" ( dotnet build SpeechML.sln -c %CONFIGURATION% -nologo -v quiet --tl:off %rest% & exit /b !errorlevel! )
if "%verb%"=="test" goto test
if "%verb%"=="test-slow" goto test
if "%verb%"=="demo" (
  dotnet build samples\Demo -c %CONFIGURATION% -nologo -v quiet --tl:off || exit /b 1
  dotnet samples\Demo\bin\%CONFIGURATION%\net10.0\Demo.dll %rest%
  exit /b !errorlevel!
)
if "%verb%"=="bench" (
  dotnet build tests\SpeechML.Benchmarks -c Release -nologo -v quiet --tl:off || exit /b 1
  dotnet tests\SpeechML.Benchmarks\bin\Release\net10.0\SpeechML.Benchmarks.dll %rest%
  exit /b !errorlevel!
)
if "%verb%"=="pack" (
  for /d %%p in (src\*) do ( dotnet pack "%%p" -c Release -nologo -o artifacts %rest% || exit /b 1 )
  dotnet pack tools\speechml -c Release -nologo -o artifacts -p:ToolPlatforms=win-x64 %rest% || exit /b 1
  exit /b 0
)
echo build.cmd: expected build, test, test-slow, demo, bench or pack, got '%verb%' 1>&2
exit /b 2

:test
rem A filter among the arguments replaces the one that leaves out (or picks) the slow tests.
set filter=--filter "TestCategory^!=Slow"
if "%verb%"=="test-slow" set filter=--filter "TestCategory=Slow"
echo.!rest! | findstr /c:"--filter" >nul && set filter=
dotnet build SpeechML.Tests.slnf -c %CONFIGURATION% -nologo -v quiet --tl:off || exit /b 1
set log=%TEMP%\speechml-test-%RANDOM%.log
set /a passed=0, failed=0, skipped=0
for %%p in (SpeechML.Audio.Tests SpeechML.Data.Tests SpeechML.GoogleCloud.Tests SpeechML.FFmpeg.Tests SpeechML.Encoders.Tests SpeechML.Onnx.Tests SpeechML.Extensions.Tests SpeechML.Tool.Tests SpeechML.Tests SpeechML.Sweeps.Tests) do call :project %%p
if not "%skipped%"=="0" echo %skipped% skipped: each says why above
echo %passed% passed, %failed% failed
if not "%failed%"=="0" exit /b 1
if "%passed%"=="0" exit /b 1
exit /b 0

:project
rem Exit code 8 says that no test matched a filter.
dotnet tests\%1\bin\%CONFIGURATION%\net10.0\%1.dll --progress off --ansi off --ignore-exit-code 8 !filter! !rest! > "%log%" 2>&1
set status=%errorlevel%
echo == %1
type "%log%"
set ok=
set bad=0
for /f "tokens=1,2 delims=: " %%a in ('findstr /r /c:"^ *succeeded: " /c:"^ *failed: " /c:"^ *skipped: " "%log%"') do (
  if "%%a"=="succeeded" set ok=%%b
  if "%%a"=="failed" set bad=%%b
  if "%%a"=="skipped" set /a skipped+=%%b
)
del "%log%"
rem A program that crashed has no summary, one that failed elsewhere no failed test: both count as failed.
if not defined ok ( set ok=0& set bad=1 )
if not "%status%"=="0" if "%bad%"=="0" set bad=1
set /a passed+=%ok%, failed+=%bad%
exit /b 0
