@echo off
rem build | test [runner arguments] | demo [arguments] | bench [arguments] | pack
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
  exit /b 0
)
echo build.cmd: expected build, test, demo, bench or pack, got '%verb%' 1>&2
exit /b 2

:test
dotnet build SpeechML.sln -c %CONFIGURATION% -nologo -v quiet --tl:off || exit /b 1
set log=%TEMP%\speechml-test-%RANDOM%.log
dotnet tests\SpeechML.Tests\bin\%CONFIGURATION%\net10.0\SpeechML.Tests.dll --progress off --ansi off %rest% > "%log%" 2>&1
set status=%errorlevel%
type "%log%"
set passed=0
set failed=
set skipped=0
for /f "tokens=1,2 delims=: " %%a in ('findstr /r /c:"^ *succeeded: " /c:"^ *failed: " /c:"^ *skipped: " "%log%"') do (
  if "%%a"=="succeeded" set passed=%%b
  if "%%a"=="failed" set failed=%%b
  if "%%a"=="skipped" set skipped=%%b
)
del "%log%"
if "%failed%"=="" set failed=1
if not "%status%"=="0" if "%failed%"=="0" set failed=1
if not "%skipped%"=="0" echo %skipped% skipped: each says why above
echo %passed% passed, %failed% failed
if "%failed%"=="0" exit /b 0
exit /b 1
