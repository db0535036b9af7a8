using System.Buffers.Binary;
using System.Text;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Rewrites, in the image of an x86-64 ELF shared library, its demand for <c>GLIBCXX_3.4.32</c>. That version is wanted
/// for one symbol,
/// <c>std::ios_base_library_init()</c>, which initialises the standard streams; <c>std::ios_base::Init::Init()</c> does
/// the same in every older
/// libstdc++ (it counts its calls and uses no member of <c>this</c>). The version entry is pointed at the existing
/// <c>GLIBCXX_3.4</c>
/// and the symbol's name is overwritten by the older, shorter one. Layout: System V ABI, "Symbol versioning" (LSB core,
/// ELF64).
/// </summary>
internal static class GlibcxxPatch
{
    private const string WantedVersion = "GLIBCXX_3.4.32";
    private const string PresentVersion = "GLIBCXX_3.4";
    private const string WantedSymbol = "_ZSt21ios_base_library_initv";
    private const string PresentSymbol = "_ZNSt8ios_base4InitC1Ev";
    private const uint StringTable = 3;
    private const uint VersionNeeds = 0x6ffffffe;

    internal static void Apply(byte[] image, string path)
    {
        if (image.Length < 64 || image[0] != 0x7f || image[1] != 'E' || image[2] != 'L' || image[3] != 'F'
            || image[4] != 2)
        {
            throw new DllNotFoundException(
                $"'{path}': expected a 64-bit ELF library, got {image.Length} bytes of something else.");
        }
        (int strings, int stringsLength) = Section(image, ".dynstr", StringTable, path);
        (int needs, int needsLength) = Section(image, ".gnu.version_r", VersionNeeds, path);

        int wanted = -1;
        int present = -1;
        // Elf64_Verneed: version, count (u16), file, aux, next (u32). Elf64_Vernaux: hash (u32), flags, other (u16),
        // name, next (u32).
        for (int need = needs, more = 1; more != 0 && need + 16 <= needs + needsLength;)
        {
            int count = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(need + 2));
            int aux = need + (int)Read32(image, need + 8);
            for (int i = 0; i < count && aux + 16 <= needs + needsLength; i++)
            {
                string name = Text(image, strings + (int)Read32(image, aux + 8));
                wanted = name == WantedVersion ? aux : wanted;
                present = name == PresentVersion ? aux : present;
                aux += (int)Read32(image, aux + 12);
            }
            more = (int)Read32(image, need + 12);
            need += more;
        }
        int symbol = image.AsSpan(strings, stringsLength).IndexOf(Encoding.ASCII.GetBytes(WantedSymbol + '\0'));
        if (wanted < 0 || present < 0 || symbol < 0)
        {
            throw new DllNotFoundException(
                $"'{path}' does not load, and not for the reason known ({WantedVersion} wanted for {WantedSymbol}: " +
                $"version {(wanted < 0 ? "absent" : "present")}, symbol {(symbol < 0 ? "absent" : "present")}). " +
                $"Expected a libstdc++ that is new enough, or TorchSharp 0.107.");
        }
        image.AsSpan(present, 4).CopyTo(image.AsSpan(wanted));
        image.AsSpan(present + 8, 4).CopyTo(image.AsSpan(wanted + 8));
        Encoding.ASCII.GetBytes(PresentSymbol + '\0').CopyTo(image.AsSpan(strings + symbol));
    }

    private static (int Offset, int Length) Section(byte[] image, string name, uint type, string path)
    {
        int table = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(0x28)));
        int size = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(0x3a));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(0x3c));
        int names = (int)BinaryPrimitives.ReadUInt64LittleEndian(
            image.AsSpan(table + (size * BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(0x3e))) + 24));
        for (int i = 0; i < count; i++)
        {
            int header = table + (size * i);
            if (Read32(image, header + 4) == type && Text(image, names + (int)Read32(image, header)) == name)
            {
                return ((int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(header + 24)),
                    (int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(header + 32)));
            }
        }
        throw new DllNotFoundException($"'{path}': expected a section {name}, found none.");
    }

    private static uint Read32(byte[] image, int at) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(at));

    private static string Text(byte[] image, int at) =>
        Encoding.ASCII.GetString(image.AsSpan(at, image.AsSpan(at).IndexOf((byte)0)));
}
