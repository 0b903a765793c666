using System.Text.RegularExpressions;

namespace ActorCluster.Containers.Tools.Awk;

internal sealed record AwkProgram(IReadOnlyList<AwkRule> Rules, IReadOnlyDictionary<string, AwkFunction> Functions);

internal enum AwkRuleKind
{
    Begin,
    End,
    Pattern,
    Range,
}

/// <param name="Body">Null: print the record.</param>
internal sealed record AwkRule(AwkRuleKind Kind, Expression? From, Expression? To, Statement? Body)
{
    public bool InRange { get; set; }
}

internal sealed record AwkFunction(string Name, IReadOnlyList<string> Parameters, Statement Body);

internal abstract record Statement;

internal sealed record BlockStatement(IReadOnlyList<Statement> Statements) : Statement;

internal sealed record ExpressionStatement(Expression Expression) : Statement;

/// <param name="Redirection">">", ">>" or "|"; null for standard output.</param>
/// <param name="Formatted">printf.</param>
internal sealed record PrintStatement(IReadOnlyList<Expression> Arguments, bool Formatted, string? Redirection, Expression? Target) : Statement;

internal sealed record IfStatement(Expression Condition, Statement Then, Statement? Else) : Statement;

/// <param name="TestFirst">False for do-while.</param>
internal sealed record LoopStatement(Statement? Start, Expression? Condition, Statement? Step, Statement Body, bool TestFirst) : Statement;

internal sealed record ForInStatement(string Variable, string Array, Statement Body) : Statement;

internal sealed record DeleteStatement(string Array, IReadOnlyList<Expression>? Index) : Statement;

/// <param name="Word">next, nextfile, exit, return, break or continue.</param>
internal sealed record JumpStatement(string Word, Expression? Value) : Statement;

internal abstract record Expression;

internal sealed record NumberExpression(double Value) : Expression;

internal sealed record StringExpression(string Value) : Expression;

internal sealed record RegexExpression(Regex Pattern) : Expression;

internal sealed record VariableExpression(string Name) : Expression;

internal sealed record FieldExpression(Expression Index) : Expression;

internal sealed record ElementExpression(string Array, IReadOnlyList<Expression> Index) : Expression;

internal sealed record InExpression(IReadOnlyList<Expression> Index, string Array) : Expression;

internal sealed record UnaryExpression(char Operator, Expression Operand) : Expression;

internal sealed record BinaryExpression(string Operator, Expression Left, Expression Right) : Expression;

internal sealed record AssignExpression(string Operator, Expression Target, Expression Value) : Expression;

/// <param name="By">1 or -1.</param>
internal sealed record IncrementExpression(Expression Target, int By, bool Prefix) : Expression;

internal sealed record ConditionalExpression(Expression Condition, Expression Then, Expression Else) : Expression;

internal sealed record GroupExpression(IReadOnlyList<Expression> Items) : Expression;

internal sealed record CallExpression(string Name, IReadOnlyList<Expression> Arguments, bool Builtin) : Expression;

/// <param name="Source">The file or command; null for the input.</param>
internal sealed record GetLineExpression(Expression? Target, Expression? Source, bool FromCommand) : Expression;
