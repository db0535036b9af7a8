using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Tables;

/// <summary>Labels from the names of folders.</summary>
[TestClass]
public sealed class FolderMetadataTests
{
    private const string BeforeUnderscore = "^[^/]+/(?<subject>[^_/]+)_";

    [TestMethod]
    public void LoadFolder_FoldersOfLabels_AreRowsInTheOrderOfTheirPaths()
    {
        using Scratch folder = Files("hoarse/b1_2.WAV", "hoarse/deep/a9_1.flac", "clear/c1_1.wav", "clear/notes.txt",
            ".hidden/x_1.wav", "clear/._c1_1.wav", "metadata.csv");
        IDataView data = new MLContext(seed: 1).Speech().LoadFolder(folder.Folder);
        CollectionAssert.AreEqual(
            new[] { "clear/c1_1.wav", "hoarse/b1_2.WAV", "hoarse/deep/a9_1.flac" }, Column(data, "Path"));
        CollectionAssert.AreEqual(new[] { "clear", "hoarse", "hoarse" }, Column(data, "Label"));
        CollectionAssert.AreEqual(new[] { "Path", "Label" }, data.Schema.Select(c => c.Name).ToArray());
    }

    [TestMethod]
    public void FromFolder_Pattern_GivesSubjectsAndFurtherColumns()
    {
        using Scratch folder = Files("hoarse/b1_2.wav", "clear/c1_1.wav");
        SpeechMetadata metadata = SpeechMetadata.FromFolder(folder.Folder, BeforeUnderscore + @"(?<take>\d)");
        Assert.AreEqual("Subject", metadata.Columns.Subject);
        CollectionAssert.AreEqual(new[] { "c1", "b1" }, metadata.Rows.Select(r => r.Subject).ToArray());
        CollectionAssert.AreEqual(new[] { "1", "2" }, metadata.Rows.Select(r => r.Fields["Take"]).ToArray());
    }

    [TestMethod]
    public void FromFolder_PatternWithLabel_TakesItFromTheName()
    {
        using Scratch folder = Files("a-clear.wav", "b-hoarse.wav");
        SpeechMetadata metadata = SpeechMetadata.FromFolder(folder.Folder, @"-(?<label>\w+)\.");
        CollectionAssert.AreEqual(new[] { "clear", "hoarse" }, metadata.Rows.Select(r => r.Fields["Label"]).ToArray());
    }

    [TestMethod]
    public void FromFolder_WhatCannotBeLabelled_IsNamed()
    {
        using Scratch beside = Files("clear/a.wav", "stray.wav"), none = Files("clear/readme.txt");
        Assert.Contains("file 'stray.wav': expected a folder for each label, got a file beside them",
            Assert.ThrowsExactly<InvalidDataException>(() => SpeechMetadata.FromFolder(beside.Folder)).Message);
        Assert.Contains("file 'clear/a.wav': expected a path that matches the pattern",
            Assert.ThrowsExactly<InvalidDataException>(
                () => SpeechMetadata.FromFolder(beside.Folder, BeforeUnderscore)).Message);
        Assert.Contains("expected audio files (.wav, .flac, .ogg, .opus, .mp3, ...)",
            Assert.ThrowsExactly<InvalidDataException>(() => SpeechMetadata.FromFolder(none.Folder)).Message);
        Assert.Contains("got an empty text", Assert.ThrowsExactly<InvalidDataException>(
            () => SpeechMetadata.FromFolder(beside.Folder, "(?<label>x*)")).Message);
        Assert.Contains("Pattern: expected a regular expression", Assert.ThrowsExactly<ArgumentException>(
            () => SpeechMetadata.FromFolder(beside.Folder, "(")).Message);
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => SpeechMetadata.FromFolder(beside.At("gone")));
    }

    private static string[] Column(IDataView data, string name) =>
        [.. data.GetColumn<ReadOnlyMemory<char>>(name).Select(v => v.ToString())];

    private static Scratch Files(params string[] paths)
    {
        var folder = new Scratch();
        foreach (string path in paths)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.At(path))!);
            File.WriteAllText(folder.At(path), "");
        }
        return folder;
    }
}
