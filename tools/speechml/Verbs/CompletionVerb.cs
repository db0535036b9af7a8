using System.CommandLine;
using SpeechML.Tool.Cli;

namespace SpeechML.Tool.Verbs;

/// <summary>Writes what a shell needs to complete the tool's command lines; the tool itself gives the words.</summary>
internal sealed class CompletionVerb : IVerb
{
    private const string Bash = """
        # In ~/.bashrc:  eval "$(speechml completion bash)"
        _speechml_complete() {
          local IFS=$'\n'
          local words="$(speechml "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
          COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _speechml_complete speechml
        """;

    private const string Zsh = """
        # In ~/.zshrc, behind compinit:  eval "$(speechml completion zsh)"
        _speechml() {
          local -a words_of_tool
          words_of_tool=("${(@f)$(speechml "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a words_of_tool || _files
        }
        compdef _speechml speechml
        """;

    private const string PowerShell = """
        # In $PROFILE:  speechml completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName speechml -ScriptBlock {
          param($wordToComplete, $commandAst, $cursorPosition)
          speechml "[suggest:$cursorPosition]" "$commandAst" 2>$null |
            Where-Object { $_ -like "$wordToComplete*" } |
            ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """;

    private readonly Argument<string> _shell = new("shell") { Description = "bash, zsh or pwsh" };

    public int Order => 20;

    public Command Create()
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh", "pwsh");
        var command = new Command("completion", "Writes the completion of command lines for a shell.") { _shell };
        command.SetVerb((parsed, _, _) =>
        {
            Console.Out.Write((parsed.GetValue(_shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => PowerShell,
            }).ReplaceLineEndings("\n") + "\n");
            return ExitCode.Done;
        });
        return command;
    }
}
