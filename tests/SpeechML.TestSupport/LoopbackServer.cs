using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SpeechML.TestSupport;

/// <summary>A request as it came over the wire; header names in lower case.</summary>
internal sealed record WireRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

/// <summary>An answer; <see cref="SendOnly"/> bytes of the body are sent, then the connection is cut.</summary>
internal sealed record WireResponse(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    public int? SendOnly { get; init; }

    /// <summary>A wait before anything is sent.</summary>
    public TimeSpan Delay { get; init; }
}

/// <summary>
/// A real HTTP/1.1 server on a loopback port, one request per connection, that can break off where a server library
/// would not.
/// </summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<WireRequest, WireResponse> _answer;
    private readonly ConcurrentQueue<WireRequest> _requests = new();

    public LoopbackServer(Func<WireRequest, WireResponse> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _ = Task.Run(AcceptAsync);
    }

    public Uri Address { get; }

    public IReadOnlyList<WireRequest> Requests => [.. _requests];

    public void Dispose()
    {
        if (!_stop.IsCancellationRequested)
        {
            _stop.Cancel();
            _listener.Stop();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
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
                NetworkStream stream = client.GetStream();
                WireRequest request = await ReadRequestAsync(stream);
                _requests.Enqueue(request);
                WireResponse response = _answer(request);
                await Task.Delay(response.Delay);
                var head = new StringBuilder(
                    $"HTTP/1.1 {response.Status} {(HttpStatusCode)response.Status}\r\nConnection: close\r\n");
                foreach ((string name, string value) in response.Headers)
                {
                    head.Append($"{name}: {value}\r\n");
                }
                if (!response.Headers.Any(h => h.Name == "Content-Length"))
                {
                    head.Append($"Content-Length: {response.Body.Length}\r\n");
                }
                head.Append("\r\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ToString()));
                if (request.Method != "HEAD")
                {
                    await stream.WriteAsync(response.Body.AsMemory(0, response.SendOnly ?? response.Body.Length));
                }
                await stream.FlushAsync();
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                // The client went away.
            }
        }
    }

    private static async Task<WireRequest> ReadRequestAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string[] first = (await reader.ReadLineAsync() ?? throw new IOException("closed")).Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon].ToLowerInvariant()] = line[(colon + 1)..].Trim();
        }
        return new WireRequest(first[0], first[1], headers);
    }
}
