using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.DataViews;

/// <summary>
/// Checks of a schema while a pipeline is put together, with errors that name the column, what was expected and what is
/// there.
/// </summary>
internal static class SchemaChecks
{
    /// <summary>Finds a scalar column of a type.</summary>
    public static SchemaShape.Column Find(SchemaShape schema, string role, string name, DataViewType expected) =>
        Find(schema, role, name, expected.ToString()!,
            c => c.Kind == SchemaShape.Column.VectorKind.Scalar && !c.IsKey && c.ItemType.Equals(expected));

    /// <summary>Finds a column that meets a condition.</summary>
    public static SchemaShape.Column Find(
        SchemaShape schema, string role, string name, string expected, Func<SchemaShape.Column, bool> fits)
    {
        if (!schema.TryFindColumn(name, out SchemaShape.Column column))
        {
            throw new ArgumentOutOfRangeException(
                nameof(schema),
                $"Could not find {role} column '{name}': expected a column of type {expected}, the data has " +
                $"{string.Join(", ", schema.Select(c => $"'{c.Name}'"))}.");
        }
        return fits(column)
            ? column
            : throw new ArgumentOutOfRangeException(nameof(schema),
                $"Schema mismatch for {role} column '{name}': expected {expected}, got {TypeOf(column)}.");
    }

    private static string TypeOf(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString()!;
        return column.Kind == SchemaShape.Column.VectorKind.Scalar ? item : $"Vector<{item}>";
    }
}
