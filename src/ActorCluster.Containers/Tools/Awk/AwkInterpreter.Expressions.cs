using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ActorCluster.Containers.Tools.Awk;

internal sealed partial class AwkInterpreter
{
    private async ValueTask<AwkValue> EvaluateAsync(Expression expression)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) await Task.Yield();
        switch (expression)
        {
            case NumberExpression number: return AwkValue.Of(number.Value);
            case StringExpression text: return AwkValue.Of(text.Value);
            case RegexExpression regex: return AwkValue.Of(regex.Pattern.IsMatch(Text(_record.Get(0))));
            case VariableExpression variable: return Get(variable.Name);
            case FieldExpression field: return _record.Get(await FieldIndexAsync(field));
            case ElementExpression element:
                var (array, key) = (Array(element.Array), await KeyAsync(element.Index));
                // Looking makes it exist, as everywhere in awk.
                if (!array.TryGetValue(key, out var held)) array[key] = held = AwkValue.Empty;
                return held;
            case InExpression has: return AwkValue.Of(Array(has.Array).ContainsKey(await KeyAsync(has.Index)));
            case GroupExpression { Items: [var only] }: return await EvaluateAsync(only);
            case GroupExpression group: return AwkValue.Of(await KeyAsync(group.Items));
            case UnaryExpression unary:
                var operand = await EvaluateAsync(unary.Operand);
                return unary.Operator switch { '!' => AwkValue.Of(!operand.IsTrue), '-' => AwkValue.Of(-operand.ToNumber()), _ => AwkValue.Of(operand.ToNumber()) };
            case BinaryExpression binary: return await BinaryAsync(binary);
            case ConditionalExpression choice: return await EvaluateAsync((await EvaluateAsync(choice.Condition)).IsTrue ? choice.Then : choice.Else);
            case AssignExpression assign: return await AssignAsync(assign);
            case IncrementExpression increment:
                var old = (await EvaluateAsync(increment.Target)).ToNumber();
                await StoreAsync(increment.Target, AwkValue.Of(old + increment.By));
                return AwkValue.Of(increment.Prefix ? old + increment.By : old);
            case CallExpression { Builtin: true } call: return await CallBuiltinAsync(call);
            case CallExpression call: return await CallAsync(call);
            case GetLineExpression line: return await GetLineAsync(line);
            default: throw new InvalidOperationException($"Unknown expression {expression.GetType().Name}.");
        }
    }

    private async ValueTask<AwkValue> BinaryAsync(BinaryExpression binary)
    {
        switch (binary.Operator)
        {
            case "&&": return AwkValue.Of((await EvaluateAsync(binary.Left)).IsTrue && (await EvaluateAsync(binary.Right)).IsTrue);
            case "||": return AwkValue.Of((await EvaluateAsync(binary.Left)).IsTrue || (await EvaluateAsync(binary.Right)).IsTrue);
            case "~" or "!~":
                var subject = Text(await EvaluateAsync(binary.Left));
                return AwkValue.Of((await RegexAsync(binary.Right)).IsMatch(subject) == (binary.Operator == "~"));
        }
        var left = await EvaluateAsync(binary.Left);
        var right = await EvaluateAsync(binary.Right);
        switch (binary.Operator)
        {
            case " ":
                var text = Text(left) + Text(right);
                return text.Length > TextLimit ? throw new ToolException("out of memory", 2) : AwkValue.Of(text);
            case "<": return AwkValue.Of(AwkValue.Compare(left, right) < 0);
            case "<=": return AwkValue.Of(AwkValue.Compare(left, right) <= 0);
            case "==": return AwkValue.Of(AwkValue.Compare(left, right) == 0);
            case "!=": return AwkValue.Of(AwkValue.Compare(left, right) != 0);
            case ">": return AwkValue.Of(AwkValue.Compare(left, right) > 0);
            case ">=": return AwkValue.Of(AwkValue.Compare(left, right) >= 0);
            default: return AwkValue.Of(Calculate(binary.Operator, left.ToNumber(), right.ToNumber()));
        }
    }

    private static double Calculate(string op, double left, double right) => op switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" or "%" when right == 0 => throw new ToolException("Division by zero", 2),
        "/" => left / right,
        "%" => left % right,
        _ => Math.Pow(left, right),
    };

    private async ValueTask<AwkValue> AssignAsync(AssignExpression assign)
    {
        var value = await EvaluateAsync(assign.Value);
        if (assign.Operator != "=") value = AwkValue.Of(Calculate(assign.Operator[..1], (await EvaluateAsync(assign.Target)).ToNumber(), value.ToNumber()));
        await StoreAsync(assign.Target, value);
        return value;
    }

    private async ValueTask StoreAsync(Expression target, AwkValue value)
    {
        switch (target)
        {
            case VariableExpression variable: Set(variable.Name, value); break;
            case FieldExpression field: _record.Set(await FieldIndexAsync(field), value); break;
            case ElementExpression element:
                var array = Array(element.Array);
                array[await KeyAsync(element.Index)] = value;
                if (array.Count > ElementLimit) throw new ToolException("out of memory", 2);
                break;
            default: throw new ToolException("assignment to a value", 2);
        }
    }

    private async ValueTask<int> FieldIndexAsync(FieldExpression field) => (int)Math.Clamp((await EvaluateAsync(field.Index)).ToNumber(), int.MinValue, int.MaxValue);

    private async ValueTask<string> KeyAsync(IReadOnlyList<Expression> index)
    {
        if (index.Count == 1) return Text(await EvaluateAsync(index[0]));
        var parts = new List<string>();
        foreach (var part in index) parts.Add(Text(await EvaluateAsync(part)));
        return string.Join(Text(Get("SUBSEP")), parts);
    }

    private async ValueTask<Regex> RegexAsync(Expression expression) =>
        expression is RegexExpression regex ? regex.Pattern : CompileCached(Text(await EvaluateAsync(expression)));

    private async ValueTask<AwkValue> CallAsync(CallExpression call)
    {
        if (!_program.Functions.TryGetValue(call.Name, out var function)) throw new ToolException($"Call to undefined function {call.Name}", 2);
        if (call.Arguments.Count > function.Parameters.Count) throw new ToolException($"function {call.Name}: too many arguments", 2);
        if (_frames.Count > CallLimit) throw new ToolException("function calls nested too deeply", 2);
        var frame = new Frame();
        for (var i = 0; i < function.Parameters.Count; i++)
        {
            var (parameter, argument) = (function.Parameters[i], i < call.Arguments.Count ? call.Arguments[i] : null);
            // A bare name may be an array: it is passed by reference. So is one never used before, which the function may make one.
            if (argument is VariableExpression variable && IsArrayOrUnused(variable.Name)) frame.Arrays[parameter] = Array(variable.Name);
            frame.Values[parameter] = argument is null || frame.Arrays.ContainsKey(parameter) ? AwkValue.Empty : await EvaluateAsync(argument);
        }
        _frames.Push(frame);
        _returned = AwkValue.Empty;
        await ExecuteAsync(function.Body);
        _frames.Pop();
        if (_jump == Jump.Return) _jump = Jump.None;
        var result = _returned;
        _returned = AwkValue.Empty;
        return result;
    }

    private bool IsArrayOrUnused(string name)
    {
        if (_frames.TryPeek(out var frame) && frame.Values.TryGetValue(name, out var local)) return frame.Arrays.ContainsKey(name) || local == AwkValue.Empty;
        return _arrays.ContainsKey(name) || (!_variables.ContainsKey(name) && name != "NF");
    }

    private async ValueTask<AwkValue> GetLineAsync(GetLineExpression line)
    {
        string? record;
        if (line.Source is null)
        {
            record = await ReadRecordAsync();
        }
        else
        {
            var name = Text(await EvaluateAsync(line.Source));
            if (await _streams.InputAsync(name, line.FromCommand) is not { } lines) return AwkValue.Of(-1);
            record = await ReadRecordAsync(lines);
            if (record is not null && line.FromCommand) Set("NR", AwkValue.Of(Get("NR").ToNumber() + 1));
        }
        if (record is null) return AwkValue.Of(0);
        if (line.Target is null) _record.Set(record);
        else await StoreAsync(line.Target, AwkValue.Input(record));
        return AwkValue.Of(1);
    }
}
