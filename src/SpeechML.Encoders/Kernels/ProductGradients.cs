using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// What the two autograd functions over <see cref="OneDnn"/> share. TorchSharp keeps no account of the tensors of a
/// function in managed code: what autograd is given must outlive the call and
/// nothing else may, so inputs are kept here and let go as soon as they were used (<see cref="ReturnedGradients"/> has
/// the gradients).
/// </summary>
internal sealed class ProductGradients(Tensor left, Tensor right, bool bias = false, Remade? from = null)
{
    private readonly long[] _leftShape = left.shape;

    private Tensor? _left = right.requires_grad && from is null ? Keep(left) : null;
    private Remade? _leftFrom = right.requires_grad ? from?.Keep() : null;
    private Tensor? _right = left.requires_grad ? Keep(right) : null;

    private bool _released;

    /// <summary>Whether the gradient of a bias is wanted.</summary>
    public bool Bias => bias;

    /// <summary>
    /// The right factor itself where it is a parameter that learns: its gradient is added where it is kept. Were it
    /// returned, autograd would copy it, as managed code holds it too.
    /// </summary>
    public Tensor? Learned { get; } = right.requires_grad && right.is_leaf ? right : null;

    /// <summary>The left factor, where the right one's gradient needs it; once, inside a dispose scope.</summary>
    public Tensor? TakeLeft() => _leftFrom is null ? _left : _leftFrom.Make().view(_leftShape);

    /// <summary>The right factor, where the left one's gradient needs it.</summary>
    public Tensor? Right => _right;

    /// <summary>Lets the factors go.</summary>
    /// <exception cref="InvalidOperationException">They are gone: a graph is walked once.</exception>
    public void Release()
    {
        if (_released)
        {
            throw new InvalidOperationException(
                "Backward pass through a matrix product: expected the first one through this graph, got a second.");
        }
        _released = true;
        _left?.Dispose();
        _leftFrom?.Source.Dispose();
        _right?.Dispose();
        (_left, _leftFrom, _right) = (null, null, null);
    }

    private static Tensor Keep(Tensor tensor) => tensor.detach().DetachFromDisposeScope();
}

/// <summary>
/// <c>x Wᵀ + b</c> with its three gradients by oneDNN; arguments: input (contiguous), weight, bias or null,
/// <see cref="ProductGradients"/> of the first two.
/// </summary>
internal sealed class LinearFunction : autograd.SingleTensorFunction<LinearFunction>
{
    public override string Name => "OneDnnLinear";

    public static Tensor Apply(Tensor input, Tensor weight, Tensor? bias, Remade? from = null)
    {
        using DisposeScope scope = NewDisposeScope();
        ReturnedGradients.Release();
        // Besides the result, TorchSharp makes an empty tensor of its size; the scope frees it.
        return apply(input, weight, bias!,
            new ProductGradients(input, weight, bias is { requires_grad: true }, from))
            .MoveToOuterDisposeScope();
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.set_materialize_grads(false);
        ctx.save_data(nameof(ProductGradients), vars[3]);
        var (input, weight, bias) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor?)vars[2]);
        return OneDnn.Linear(input, weight, bias, gelu: false) ?? nn.functional.linear(input, weight, bias);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        var factors = (ProductGradients)ctx.get_data(nameof(ProductGradients));
        Tensor gradient = grad_output.reshape(-1, grad_output.shape[^1]).contiguous();
        Tensor? input = null;
        if (factors.Right is { } weight)
        {
            input = empty([.. grad_output.shape[..^1], weight.shape[1]]);
            OneDnn.Product(gradient, weight, input.view(-1, weight.shape[1]));
        }
        Tensor? weightGradient = null;
        if (factors.TakeLeft() is { } left)
        {
            Tensor? sum = factors.Learned?.grad;
            Tensor target = sum ?? empty(gradient.shape[1], left.shape[^1]);
            OneDnn.Product(gradient.t(), left.view(-1, left.shape[^1]), target, keep: sum is not null);
            if (factors.Learned is null)
            {
                weightGradient = target;
            }
            else if (sum is null)
            {
                factors.Learned.grad = target;
            }
        }
        Tensor? bias = factors.Bias ? gradient.sum([0]) : null;
        factors.Release();
        grad_output.Dispose();
        return ReturnedGradients.Of(input, weightGradient, bias, null);
    }
}

/// <summary>
/// The product of two batches of matrices, with its gradients by oneDNN; arguments: (batch, rows, inner), (batch,
/// inner, columns), their <see cref="ProductGradients"/>.
/// </summary>
internal sealed class BatchProductFunction : autograd.SingleTensorFunction<BatchProductFunction>
{
    public override string Name => "OneDnnBatchProduct";

    public static Tensor Apply(Tensor a, Tensor b, Remade? from = null)
    {
        using DisposeScope scope = NewDisposeScope();
        ReturnedGradients.Release();
        return apply(a, b, new ProductGradients(a, b, from: from)).MoveToOuterDisposeScope();
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.set_materialize_grads(false);
        ctx.save_data(nameof(ProductGradients), vars[2]);
        var (a, b) = ((Tensor)vars[0], (Tensor)vars[1]);
        Tensor result = empty(a.shape[0], a.shape[1], b.shape[2]);
        OneDnn.Product(a, b, result);
        return result;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        var factors = (ProductGradients)ctx.get_data(nameof(ProductGradients));
        Tensor gradient = grad_output.contiguous();
        Tensor? ofA = null;
        if (factors.Right is { } b)
        {
            ofA = empty(gradient.shape[0], gradient.shape[1], b.shape[1]);
            OneDnn.Product(gradient, b.transpose(1, 2), ofA);
        }
        Tensor? ofB = null;
        if (factors.TakeLeft() is { } a)
        {
            ofB = empty(gradient.shape[0], a.shape[2], gradient.shape[2]);
            OneDnn.Product(a.transpose(1, 2), gradient, ofB);
        }
        factors.Release();
        grad_output.Dispose();
        return ReturnedGradients.Of(ofA, ofB, null);
    }
}
