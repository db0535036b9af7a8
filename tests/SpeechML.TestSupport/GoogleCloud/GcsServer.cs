using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace SpeechML.TestSupport.GoogleCloud;

/// <summary>
/// A real HTTP/1.1 server on a loopback port that speaks as much of the JSON API as a client needs, and does wrong what
/// it is told to.
/// </summary>
internal sealed class GcsServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<GcsRequest> _requests = new();
    private readonly List<(Func<GcsRequest, bool> Match, GcsFault Fault)> _faults = [];
    private int _now;
    private int _most;

    public GcsServer()
    {
        _listener.Start(512);
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        Backend = new GcsBackend(Address);
        _ = Task.Run(AcceptAsync);
    }

    public Uri Address { get; }

    public GcsBackend Backend { get; }

    /// <summary>A wait before each answer.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>A fault for any request, where no other is due.</summary>
    public Func<GcsRequest, GcsFault?>? Storm { get; set; }

    /// <summary>The most requests that waited for their answer at a time.</summary>
    public int MaxAtATime => Volatile.Read(ref _most);

    public IReadOnlyList<GcsRequest> Requests => [.. _requests];

    /// <summary>The next requests that match go wrong, one fault each, in order.</summary>
    public void Break(Func<GcsRequest, bool> match, params IEnumerable<GcsFault> faults)
    {
        lock (_faults)
        {
            _faults.AddRange(faults.Select(f => (match, f)));
        }
    }

    public void Dispose()
    {
        if (!_stop.IsCancellationRequested)
        {
            _stop.Cancel();
            _listener.Stop();
        }
    }

    private GcsFault? Next(GcsRequest request)
    {
        lock (_faults)
        {
            int at = _faults.FindIndex(f => f.Match(request));
            if (at < 0)
            {
                return Storm?.Invoke(request);
            }
            GcsFault fault = _faults[at].Fault;
            _faults.RemoveAt(at);
            return fault;
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                client.NoDelay = true;
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = new BufferedStream(client.GetStream(), 1 << 16);
                while (await ServeOneAsync(client, stream))
                {
                }
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    /// <summary>One request; whether the connection goes on.</summary>
    private async Task<bool> ServeOneAsync(TcpClient client, Stream stream)
    {
        if (await ReadHeadAsync(stream) is not { } head)
        {
            return false;
        }
        GcsFault fault = Next(head) ?? new GcsFault();
        int length = int.Parse(head.Headers.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture);
        byte[] body = new byte[Math.Min(length, fault.StopReadingAt ?? length)];
        await stream.ReadExactlyAsync(body, _stop.Token);
        GcsRequest request = head with { Body = body };
        _requests.Enqueue(request);
        int now = Interlocked.Increment(ref _now);
        for (int most = _most; now > most; most = _most)
        {
            Interlocked.CompareExchange(ref _most, now, most);
        }
        await Task.Delay(Latency + fault.Delay, _stop.Token);
        Interlocked.Decrement(ref _now);
        if (fault.StopReadingAt is not null)
        {
            Backend.Keep(request, body.Length);
            client.LingerState = new LingerOption(true, 0);
            return false;
        }
        if (fault.CutBefore)
        {
            return false;
        }
        GcsResponse response = fault.Status is { } status
            ? GcsBackend.Error(status, "injected",
                fault.RetryAfter is { } wait ? [("Retry-After", wait.ToString(CultureInfo.InvariantCulture))] : [])
            : Backend.Answer(request, fault);
        if (fault.CutAfter)
        {
            return false;
        }
        byte[] sent = fault.Body is { } other ? Encoding.UTF8.GetBytes(other) : response.Body;
        if (fault.WrongByte && sent.Length > 0)
        {
            sent = [.. sent];
            sent[sent.Length / 2] ^= 0x40;
        }
        var text = new StringBuilder(
            $"HTTP/1.1 {response.Status} " +
            $"{(response.Status == 308 ? "Resume Incomplete" : ((HttpStatusCode)response.Status).ToString())}\r\n" +
            $"Content-Length: {sent.Length}\r\n");
        foreach ((string name, string value) in response.Headers)
        {
            text.Append($"{name}: {value}\r\n");
        }
        text.Append("\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()), _stop.Token);
        await stream.WriteAsync(sent.AsMemory(0, Math.Min(sent.Length, fault.CutBodyAt ?? sent.Length)), _stop.Token);
        await stream.FlushAsync(_stop.Token);
        return fault.CutBodyAt is null;
    }

    private async Task<GcsRequest?> ReadHeadAsync(Stream stream)
    {
        var text = new List<byte>(512);
        byte[] one = new byte[1];
        while (text.Count < 4 || one[0] != '\n' || !CollectionsMarshal.AsSpan(text).EndsWith("\r\n\r\n"u8))
        {
            // The stream's buffer holds a whole head: only its first byte is waited for.
            if ((text.Count == 0 ? await stream.ReadAsync(one, _stop.Token) : stream.Read(one)) == 0)
            {
                return null;
            }
            text.Add(one[0]);
        }
        string[] lines = Encoding.ASCII.GetString(CollectionsMarshal.AsSpan(text))
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1)
            .ToDictionary(l => l[..l.IndexOf(':', StringComparison.Ordinal)].ToLowerInvariant(),
            l => l[(l.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(), StringComparer.Ordinal);
        string[] first = lines[0].Split(' ');
        return new GcsRequest(first[0], first[1], headers, []);
    }
}
