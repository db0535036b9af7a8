namespace SpeechML.Reports.Html;

/// <summary>The page's style and script.</summary>
internal static class PageStyle
{
    public const string Css = """
        :root { --ink: #1f2937; --soft: #6b7280; --line: #e5e7eb; --main: #2563eb; }
        * { box-sizing: border-box; }
        body { margin: 0; background: #f6f7f9; color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial,
          "Liberation Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 64px; }
        h1 { margin: 0 0 4px; font-size: 25px; line-height: 1.25; font-weight: 650; overflow-wrap: anywhere; }
        h2 { margin: 0 0 14px; font-size: 19px; font-weight: 650; }
        h3 { margin: 22px 0 8px; font-size: 15px; font-weight: 650; }
        p { margin: 0 0 10px; }
        .soft, figcaption { color: var(--soft); }
        section { margin-top: 22px; padding: 22px 24px; background: #fff; border: 1px solid var(--line);
          border-radius: 10px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
          margin-top: 20px; }
        .tile { padding: 14px 16px; background: #fff; border: 1px solid var(--line); border-radius: 10px; }
        .tile b { display: block; font-size: 24px; font-weight: 650; line-height: 1.25;
          font-variant-numeric: tabular-nums; }
        .tile span { display: block; font-size: 13px; color: var(--soft); }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 18px;
          margin-top: 14px; align-items: start; }
        figure { margin: 0; min-width: 0; }
        figure svg { display: block; width: 100%; height: auto; }
        figcaption { margin-top: 2px; font-size: 13px; }
        .table { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
        th { text-align: left; font-weight: 600; color: var(--soft); white-space: nowrap; }
        th, td { padding: 5px 18px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        th.number, td.number { text-align: right; }
        td:last-child, th:last-child { padding-right: 0; }
        details { margin-top: 12px; }
        summary { cursor: pointer; color: var(--main); }
        details > .table { margin-top: 8px; }
        details > .table table { font-size: 13px; }
        details > .table th { white-space: normal; vertical-align: bottom; }
        details > .table td:first-child, .clip td:first-child { overflow-wrap: anywhere; min-width: 110px; }
        .speech-data-check table { display: inline-table; margin: 10px 48px 0 0; vertical-align: top; }
        a { color: var(--main); }
        .speech-data-check ul { margin: 6px 0 0; padding-left: 20px; overflow-wrap: anywhere; }
        .settings { columns: 2 380px; column-gap: 40px; margin: 8px 0 0; font-size: 14px; }
        .settings div { display: flex; gap: 12px; justify-content: space-between; padding: 4px 0;
          border-bottom: 1px solid var(--line); break-inside: avoid; }
        .settings dt { color: var(--soft); }
        .settings dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
        .clip { padding: 16px 0; border-top: 1px solid var(--line); display: grid;
          grid-template-columns: minmax(0, 2fr) minmax(260px, 1fr); gap: 20px; }
        .clip h3 { margin: 0 0 4px; overflow-wrap: anywhere; }
        .clip table { width: 100%; font-size: 13px; }
        .clip th, .clip td { padding-right: 10px; }
        audio { width: 100%; height: 36px; margin-top: 6px; }
        @media (max-width: 760px) { .clip { grid-template-columns: 1fr; } .figures { grid-template-columns: 1fr; } }
        @media print { body { background: #fff; } section, .tile { break-inside: avoid; } audio { display: none; } }
        """;

    /// <summary>One clip plays at a time. Says how many figures it finds drawn, which the tests look for.</summary>
    public const string Script = """
        "use strict";
        const players = [...document.querySelectorAll("audio")];
        for (const player of players) {
          player.addEventListener("play", () => players.filter(p => p !== player).forEach(p => p.pause()));
        }
        const drawn = [...document.querySelectorAll("figure svg")]
          .filter(s => s.getBoundingClientRect().width > 0 && s.childElementCount > 0);
        document.documentElement.dataset.figures = String(drawn.length);
        """;
}
