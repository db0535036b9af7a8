using SpeechML.Reports.Figures;

namespace SpeechML.Reports.Html;

/// <summary>The page's style and script.</summary>
internal static class PageStyle
{
    private const string Page = """
        :root { color-scheme: light dark; --ink: #1f2937; --soft: #5b6472; --line: #e5e7eb; --main: #1d4ed8;
          --page: #f6f7f9; --card: #fff; --warn: #92400e; --warn-card: #fef3c7; --shade: rgba(15, 23, 42, .16); }
        @media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --soft: #9aa3b2; --line: #2b3240;
          --main: #7cb0ff; --page: #0f1218; --card: #171b23; --warn: #fcd34d; --warn-card: #33270c;
          --shade: rgba(0, 0, 0, .6); } }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; background: var(--page); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial,
          "Liberation Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 64px; }
        h1 { margin: 0 0 4px; font-size: 25px; line-height: 1.25; font-weight: 650; overflow-wrap: anywhere; }
        h2 { margin: 0 0 14px; font-size: 19px; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; }
        h3 { margin: 22px 0 8px; font-size: 15px; font-weight: 650; }
        p { margin: 0 0 10px; overflow-wrap: anywhere; }
        a { color: var(--main); }
        .soft, figcaption, .legend { color: var(--soft); }
        .note { padding: 8px 12px; border-radius: 8px; background: var(--warn-card); color: var(--warn);
          font-size: 14px; }
        section { margin-top: 22px; padding: 22px 24px; background: var(--card); border: 1px solid var(--line);
          border-radius: 10px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
          margin-top: 20px; }
        .tile { padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
          min-width: 0; }
        .tile b { display: block; font-size: 24px; font-weight: 650; line-height: 1.25; white-space: nowrap;
          font-variant-numeric: tabular-nums; }
        .tile span { display: block; font-size: 13px; color: var(--soft); }
        .tile .warn { color: var(--warn); }
        .facts { margin: 16px 0 0; display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; }
        .facts dt { color: var(--soft); }
        .facts dd { margin: 0; overflow-wrap: anywhere; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(480px, 100%), 1fr)); gap: 18px;
          margin-top: 14px; align-items: start; }
        figure { margin: 0; min-width: 0; container-type: inline-size; }
        figure.full { grid-column: 1 / -1; }
        .figures > figure:not(.full) { max-width: 660px; }
        figure svg { display: none; width: 100%; height: auto; margin: 0 auto; }
        figure svg.first { display: block; }
        figcaption { margin-top: 4px; font-size: 13px; }
        .legend { list-style: none; margin: 4px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 2px 16px;
          font-size: 13px; }
        .legend li { display: flex; gap: 7px; align-items: baseline; overflow-wrap: anywhere; min-width: 0; }
        .legend i { flex: none; width: 14px; height: 4px; border-radius: 2px; transform: translateY(-4px); }
        .legend i.dot, .legend i.ring { width: 10px; height: 10px; border-radius: 50%; transform: none; }
        .legend i.ring { background: none !important; border: 2px solid; }
        @container (max-width: 469px) { svg.at560 { display: none !important; }
          .at560 ~ svg.at360 { display: block; max-width: 460px; } }
        @container (max-width: 919px) { svg.at1100.first:not(:only-child) { display: none !important; }
          svg.at680 { display: block; } }
        @container (max-width: 569px) { svg.at680 { display: none !important; }
          .at680 ~ svg.at360 { display: block; max-width: 460px; } }
        .table, .scroll { overflow-x: auto; scrollbar-width: thin; -webkit-overflow-scrolling: touch;
          background: linear-gradient(to right, var(--card) 30%, transparent) left / 40px 100% no-repeat local,
            linear-gradient(to left, var(--card) 30%, transparent) right / 40px 100% no-repeat local,
            radial-gradient(farthest-side at 0 50%, var(--shade), transparent) left / 14px 100% no-repeat scroll,
            radial-gradient(farthest-side at 100% 50%, var(--shade), transparent) right / 14px 100% no-repeat scroll; }
        .table::-webkit-scrollbar, .scroll::-webkit-scrollbar { height: 8px; }
        .table::-webkit-scrollbar-thumb, .scroll::-webkit-scrollbar-thumb { background: var(--soft);
          border-radius: 4px; }
        .table::-webkit-scrollbar-track, .scroll::-webkit-scrollbar-track { background: var(--line);
          border-radius: 4px; }
        table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
        th { text-align: left; vertical-align: bottom; font-weight: 600; color: var(--soft); }
        th, td { padding: 5px 18px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        th.number, td.number { text-align: right; }
        td:last-child, th:last-child { padding-right: 0; }
        td small { display: block; font-size: 12px; color: var(--soft); }
        td small.warn { color: var(--warn); }
        details { margin-top: 12px; }
        summary { cursor: pointer; color: var(--main); }
        details > .table { margin-top: 8px; }
        details > .table table { font-size: 13px; }
        details > .table th { min-width: 64px; }
        details > .table td:first-child, .clip td:first-child { overflow-wrap: break-word; max-width: 168px; }
        .labels td small { white-space: nowrap; }
        .labels td:first-child, .labels th:first-child { position: sticky; left: 0; background: var(--card); }
        .speech-data-check .table { display: inline-block; max-width: 100%; margin: 10px 48px 0 0;
          vertical-align: top; }
        .speech-data-check td:first-child { overflow-wrap: break-word; max-width: 168px; }
        .speech-data-check td:nth-child(n+4), .speech-data-check .table:nth-of-type(n+3) td { min-width: 110px; }
        .speech-data-check ul { margin: 6px 0 0; padding-left: 20px; overflow-wrap: anywhere; }
        .settings { columns: 2 380px; column-gap: 40px; margin: 8px 0 0; font-size: 14px; }
        .settings div { display: flex; gap: 12px; justify-content: space-between; padding: 4px 0;
          border-bottom: 1px solid var(--line); break-inside: avoid; }
        .settings dt { color: var(--soft); overflow-wrap: anywhere; }
        .settings dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
        .clip { padding: 16px 0; border-top: 1px solid var(--line); display: grid;
          grid-template-columns: minmax(0, 2fr) minmax(260px, 1fr); gap: 20px; }
        .clip > div { min-width: 0; }
        .clip h3 { margin: 0 0 4px; overflow-wrap: anywhere; }
        .clip table { width: 100%; font-size: 13px; }
        .clip th, .clip td { padding-right: 10px; }
        audio { width: 100%; height: 36px; margin-top: 6px; }
        @media (max-width: 760px) { .clip { grid-template-columns: minmax(0, 1fr); }
          .figures { grid-template-columns: minmax(0, 1fr); } }
        @media (max-width: 560px) { main { padding: 20px 12px 48px; } section { padding: 16px 14px; }
          .tiles { grid-template-columns: 1fr 1fr; } .tile { padding: 10px 12px; } .tile b { font-size: 20px; }
          .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 8px; }
          th, td { padding-right: 12px; } .speech-data-check .table { display: block; margin-right: 0; }
          .metrics table, .metrics tbody { display: block; } .metrics thead { display: none; }
          .metrics tr { display: grid; grid-template-columns: 1fr auto; padding: 5px 0;
            border-bottom: 1px solid var(--line); }
          .metrics td { padding: 0; border: 0; } .metrics td:nth-child(n+3) { grid-column: 1 / -1;
            font-size: 13px; color: var(--soft); } .metrics td:empty { display: none; }
          .metrics td[data-name]::before { content: attr(data-name) ": "; } }
        @media print { :root { color-scheme: light; } body { background: #fff; }
          section, .tile { break-inside: avoid; } audio { display: none; } }
        """;

    /// <summary>One clip plays at a time. Says how many figures it finds drawn, which the tests look for.</summary>
    public const string Script = """
        "use strict";
        const players = [...document.querySelectorAll("audio")];
        for (const player of players) {
          player.addEventListener("play", () => players.filter(p => p !== player).forEach(p => p.pause()));
        }
        const drawn = [...document.querySelectorAll("figure")].filter(f => [...f.querySelectorAll("svg")]
          .filter(s => s.getBoundingClientRect().width > 0 && s.childElementCount > 0).length === 1);
        document.documentElement.dataset.figures = String(drawn.length);
        """;

    public static string Css { get; } = Page + "\n" + FigurePalette.Css();
}
