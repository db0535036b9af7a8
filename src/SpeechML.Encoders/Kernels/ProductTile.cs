using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// The innermost part of a matrix product: 6 rows by 64 columns stay in 24 of the 32 registers of AVX-512 while the
/// inner dimension passes (Goto, van de Geijn 2008, Anatomy of High-Performance Matrix
/// Multiplication). Each load of a value serves 64 columns, each load of a vector 6 rows.
/// </summary>
internal static unsafe class ProductTile
{
    public const int Rows = 6;
    public const int Columns = 64;

    /// <summary>Whether this processor has registers for it.</summary>
    public static bool IsFast => Vector512.IsHardwareAccelerated;

    /// <summary><c>c = a b</c>, or <c>c += a b</c>.</summary>
    /// <param name="a">6 rows of <paramref name="inner"/> values.</param>
    /// <param name="aStride">Values from one row of a to the next.</param>
    /// <param name="b">(inner, 64), rows one after another.</param>
    /// <param name="c">6 rows of 64 values.</param>
    /// <param name="cStride">Values from one row of c to the next.</param>
    /// <param name="inner">The inner dimension.</param>
    /// <param name="add">Whether to add to what is in c.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint aStride, float* b, float* c, nint cStride, nint inner, bool add)
    {
        Vector512<float> c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33, c40, c41, c42,
            c43, c50, c51, c52, c53;
        c00 = c01 = c02 = c03 = c10 = c11 = c12 = c13 = c20 = c21 = c22 = c23 = c30 = c31 = c32 = c33 = c40 = c41 =
            c42 = c43 = c50 = c51 = c52 = c53 = Vector512<float>.Zero;
        float* a0 = a, a1 = a0 + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride, a5 = a4 + aStride;
        for (nint i = 0; i < inner; i++, b += Columns)
        {
            Vector512<float> b0 = Vector512.Load(b), b1 = Vector512.Load(b + 16), b2 = Vector512.Load(b + 32),
                b3 = Vector512.Load(b + 48);
            var x = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(x, b2, c02);
            c03 = Vector512.FusedMultiplyAdd(x, b3, c03);
            x = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(x, b2, c12);
            c13 = Vector512.FusedMultiplyAdd(x, b3, c13);
            x = Vector512.Create(a2[i]);
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            c22 = Vector512.FusedMultiplyAdd(x, b2, c22);
            c23 = Vector512.FusedMultiplyAdd(x, b3, c23);
            x = Vector512.Create(a3[i]);
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            c32 = Vector512.FusedMultiplyAdd(x, b2, c32);
            c33 = Vector512.FusedMultiplyAdd(x, b3, c33);
            x = Vector512.Create(a4[i]);
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
            c42 = Vector512.FusedMultiplyAdd(x, b2, c42);
            c43 = Vector512.FusedMultiplyAdd(x, b3, c43);
            x = Vector512.Create(a5[i]);
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
            c52 = Vector512.FusedMultiplyAdd(x, b2, c52);
            c53 = Vector512.FusedMultiplyAdd(x, b3, c53);
        }
        Put(c, c00, c01, c02, c03, add);
        Put(c += cStride, c10, c11, c12, c13, add);
        Put(c += cStride, c20, c21, c22, c23, add);
        Put(c += cStride, c30, c31, c32, c33, add);
        Put(c += cStride, c40, c41, c42, c43, add);
        Put(c += cStride, c50, c51, c52, c53, add);
    }

    /// <summary>
    /// Writes the transpose of rows of values in panels of 64 rows: panel after panel, (columns, 64) each. Rows that
    /// are missing in the last panel become 0.
    /// </summary>
    /// <param name="source">Rows of <paramref name="columns"/> values.</param>
    /// <param name="stride">Values from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Values of a row; a multiple of 4.</param>
    /// <param name="panels">Where to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* source, nint stride, int rows, int columns, float* panels)
    {
        for (int first = 0; first < rows; first += Columns, panels += (nint)columns * Columns)
        {
            int here = Math.Min(Columns, rows - first);
            if (here < Columns)
            {
                new Span<float>(panels, columns * Columns).Clear();
            }
            int row = 0;
            for (; row + 4 <= here; row += 4)
            {
                float* s0 = source + ((first + row) * stride), s1 = s0 + stride, s2 = s1 + stride, s3 = s2 + stride;
                float* to = panels + row;
                for (int i = 0; i < columns; i += 4, to += 4 * Columns)
                {
                    Vector128<float> r0 = Vector128.Load(s0 + i), r1 = Vector128.Load(s1 + i),
                        r2 = Vector128.Load(s2 + i), r3 = Vector128.Load(s3 + i);
                    Vector128<float> low01 = Sse.UnpackLow(r0, r1), low23 = Sse.UnpackLow(r2, r3);
                    Vector128<float> high01 = Sse.UnpackHigh(r0, r1), high23 = Sse.UnpackHigh(r2, r3);
                    Sse.MoveLowToHigh(low01, low23).Store(to);
                    Sse.MoveHighToLow(low23, low01).Store(to + Columns);
                    Sse.MoveLowToHigh(high01, high23).Store(to + (2 * Columns));
                    Sse.MoveHighToLow(high23, high01).Store(to + (3 * Columns));
                }
            }
            for (; row < here; row++)
            {
                float* s = source + ((first + row) * stride);
                for (int i = 0; i < columns; i++)
                {
                    panels[((nint)i * Columns) + row] = s[i];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(
        float* c, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3, bool add)
    {
        if (add)
        {
            v0 += Vector512.Load(c);
            v1 += Vector512.Load(c + 16);
            v2 += Vector512.Load(c + 32);
            v3 += Vector512.Load(c + 48);
        }
        v0.Store(c);
        v1.Store(c + 16);
        v2.Store(c + 32);
        v3.Store(c + 48);
    }
}
