"""The SQL of the measures as Spark understands it: sqlglot turns words and functions, what it leaves as DuckDB means it is rewritten here.

What no text says (columns and types of the tables, macros, types of the variables) the engine tells: `Known`. With it every column gets
its table and every expression its type, and a rewrite asks for the type where both engines write the same and mean something else.
Values never become text: a variable is a parameter of the statement (`:name`), cast to its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

Columns = Mapping[str, Mapping[str, Mapping[str, str]]]  # schema -> table -> column -> DuckDB type
_DAYS = {exp.DType.DATE}
_MOMENTS = {exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, *_DAYS}

# What Spark writes for it; the names with a colon are filled in.
_DAYS_BETWEEN = "date_diff(:later, :earlier)"
_SECONDS_BETWEEN = "timestampdiff(MICROSECOND, :earlier, :later) / 1000000D"
_MONTHS_LATER = "add_months(:day, :months)"
_MONTH_OF = "trunc(:day, :unit)"
_SORTED_SET = "array_sort(collect_set(:element))"
_SHARE_ELEMENTS = "arrays_overlap(:one, :other)"
_STEPS = "if(:start < :stop, filter(sequence(:start, :stop, :step), _one -> _one < :stop), array())"  # sequence() refuses to go back
_TRIMMED = r"regexp_replace(:text, '^\\p{Zs}+|\\p{Zs}+$', '')"  # every kind of space, the ideographic one too


@dataclass(frozen=True)
class Known:
    """What the engine tells beside the text.

    columns    schema -> table -> column -> type; tables without a schema in the text are those of `main`
    macros     name -> its parameters and its body
    variables  name -> type
    """

    columns: Columns
    macros: Mapping[str, tuple[list[str], str]]
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Statement:
    """A statement for Spark.

    sql        with `:name` where a variable goes, and a view called `schema_table` for each table
    reads      the tables, as `schema.table`, in order of name
    variables  the variables it names, in order of name
    order      in which order the rows belong, as DuckDB says it; Spark is not asked to sort, since files have no order
    """

    sql: str
    reads: tuple[str, ...]
    variables: tuple[str, ...]
    order: str


def translate(text: str, known: Known) -> Statement:
    """What a measure's file asks, for Spark. Raises sqlglot.errors.SqlglotError where it cannot be understood."""
    tree = _inlined(sqlglot.parse_one(text, read="duckdb"), known)
    order = tree.args["order"].pop()
    _name_schemas(tree)
    tree = qualify(tree, schema=known.columns, dialect="duckdb", quote_identifiers=False, validate_qualify_columns=False)
    tree = annotate_types(tree, schema=known.columns, dialect="duckdb")
    for align in (_align_unions, _spell_out_asof):
        align(tree)
    tree = tree.transform(_rewritten)
    return Statement(
        reads=_as_views(tree),
        variables=tuple(sorted({node.name for node in tree.find_all(exp.Placeholder)})),
        order=", ".join(key.sql("duckdb") for key in order.expressions),
        sql=tree.sql("spark", identify=True, comments=False),
    )


def view_of(table: str) -> str:
    """The name of the view that stands for a table in Spark: schemas there belong to the cluster."""
    return table.replace(".", "_")


def kind_of(duckdb_type: str) -> str:
    """Spark's name of a type of DuckDB."""
    return exp.DataType.build(duckdb_type, dialect="duckdb").sql("spark")


def _inlined(tree: exp.Expression, known: Known) -> exp.Expression:
    """Macros replaced by their bodies, and getvariable() by a parameter that has the variable's type."""

    def inline(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Anonymous) and node.name.lower() == "getvariable":
            name = node.expressions[0].name
            return exp.cast(exp.Placeholder(this=name), known.variables[name], dialect="duckdb")
        if isinstance(node, exp.Anonymous) and node.name.lower() in known.macros:
            names, body = known.macros[node.name.lower()]
            given = dict(zip(names, node.expressions, strict=True))
            said = sqlglot.parse_one(body, read="duckdb").transform(lambda part: _argument(part, given))
            return exp.paren(_inlined(said, known))
        return node

    return tree.transform(inline)


def _argument(part: exp.Expression, given: Mapping[str, exp.Expression]) -> exp.Expression:
    return given[part.name].copy() if isinstance(part, exp.Column) and part.name in given else part


def _name_schemas(tree: exp.Expression) -> None:
    """`span` is `main.span`, unless a CTE is called so."""
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not table.db and table.name not in named:
            table.set("db", exp.to_identifier("main"))


def _align_unions(tree: exp.Expression) -> None:
    """`union by name` puts columns where their name is, and null where one side has none: Spark counts positions only."""
    for union in reversed(list(tree.find_all(exp.Union))):  # the inner ones first
        if union.args.pop("by_name", None):
            names = list(dict.fromkeys([*union.left.named_selects, *union.right.named_selects]))
            for select in (union.left, union.right):
                _put_in_order(select, names)


def _put_in_order(query: exp.Expression, names: list[str]) -> None:
    if isinstance(query, exp.Union):
        for side in (query.left, query.right):
            _put_in_order(side, names)
        return
    said = {column.alias_or_name: column for column in query.expressions}
    query.set("expressions", [said[name] if name in said else exp.alias_(exp.null(), name) for name in names])


def _spell_out_asof(tree: exp.Expression) -> None:
    """`asof join v on v.key = … and v.day <= day` takes the last v until then: the one whose next is later, or that has no next."""
    for join in list(tree.find_all(exp.Join)):
        if join.args.get("method") == "ASOF":
            join.set("method", None)
            told, name = join.this, join.this.alias_or_name
            parts = list(join.args["on"].flatten())
            keys = [side for part in parts if isinstance(part, exp.EQ) for side in part.unnest_operands() if side.table == name]
            [until] = [part for part in parts if isinstance(part, exp.LTE)]
            following = exp.Window(
                this=exp.Lead(this=until.this.copy()), partition_by=keys, order=exp.Order(expressions=[until.this.copy()])
            )
            rows = exp.select("*", exp.alias_(following, "_following")).from_(told.copy())
            told.replace(rows.subquery(name))
            last = exp.column("_following", name)
            join.on(exp.or_(last.is_(exp.null()), exp.LT(this=until.expression.copy(), expression=last)), copy=False)


def _rewritten(node: exp.Expression) -> exp.Expression:
    """A node of the typed tree as Spark says it."""
    rewrite = _REWRITES.get(type(node))
    return node if rewrite is None else rewrite(node)


def _difference(node: exp.Expression) -> exp.Expression:
    """Days between two dates: a number in DuckDB, an interval in Spark."""
    return _filled(_DAYS_BETWEEN, later=node.this, earlier=node.expression) if _are(_DAYS, node.this, node.expression) else node


def _sum(node: exp.Expression) -> exp.Expression:
    """A day so many months later."""
    months = node.expression
    if isinstance(months, exp.Anonymous) and months.name.lower() == "to_months":
        return _filled(_MONTHS_LATER, day=node.this, months=months.expressions[0])
    return node


def _seconds(node: exp.Expression) -> exp.Expression:
    """Seconds, with their fractions, between two moments."""
    span = node.this
    return _filled(_SECONDS_BETWEEN, later=span.this, earlier=span.expression) if isinstance(span, exp.Sub) else node


def _truncated(node: exp.Expression) -> exp.Expression:
    """The month a day lies in begins with a day, not with a moment in the time zone of the session."""
    return _filled(_MONTH_OF, day=node.this, unit=exp.Literal.string(node.text("unit"))) if _are(_DAYS, node.this) else node


def _collected(node: exp.Expression) -> exp.Expression:
    """list(distinct x order by x)"""
    return _filled(_SORTED_SET, element=node.find(exp.Distinct).expressions[0]) if node.find(exp.Distinct) else node


def _unnested(node: exp.Expression) -> exp.Expression:
    """unnest(range(…)), and the cast around it put inside: a generator may not stand within another expression."""
    outer, kind = node, None
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Explode):
        node, kind = node.this, node.to
    if not (isinstance(node, exp.Explode) and isinstance(series := node.this, exp.GenerateSeries)):
        return outer
    steps = _filled(_STEPS, start=series.args["start"], stop=series.args["end"], step=series.args["step"])
    return exp.Explode(
        this=steps if kind is None else exp.Cast(this=steps, to=exp.DataType(this=exp.DType.ARRAY, expressions=[kind], nested=True))
    )


def _whole(node: exp.Expression) -> exp.Expression:
    """`$` is the end in DuckDB; in Spark it is also what stands before a last line feed."""
    pattern = node.expression
    if isinstance(pattern, exp.Literal) and pattern.name.endswith("$"):
        node.set("expression", exp.Literal.string(pattern.name[:-1] + r"\z"))
    return node


def _are(kinds: set[exp.DType], *nodes: exp.Expression) -> bool:
    return all(node.type is not None and node.type.this in kinds for node in nodes)


def _filled(template: str, **parts: exp.Expression) -> exp.Expression:
    """A template of Spark's with its places filled in, rewritten themselves."""
    rewritten = {name: part.copy().transform(_rewritten) for name, part in parts.items()}
    return exp.replace_placeholders(sqlglot.parse_one(template, read="spark"), **rewritten)


_REWRITES: dict[type[exp.Expression], Callable[[exp.Expression], exp.Expression]] = {
    exp.Sub: _difference,
    exp.Add: _sum,
    exp.TimeToUnix: _seconds,
    exp.TimestampTrunc: _truncated,
    exp.ArrayAgg: _collected,
    exp.ArrayOverlaps: lambda node: _filled(_SHARE_ELEMENTS, one=node.this, other=node.expression),
    exp.Cast: _unnested,
    exp.Explode: _unnested,
    exp.Trim: lambda node: _filled(_TRIMMED, text=node.this),
    exp.RegexpExtract: _whole,
    exp.RegexpLike: _whole,
}


def _as_views(tree: exp.Expression) -> tuple[str, ...]:
    """Every table under the name of its view; which they were."""
    found = set()
    for table in tree.find_all(exp.Table):
        if table.db:
            found.add(f"{table.db}.{table.name}")
            table.set("this", exp.to_identifier(view_of(f"{table.db}.{table.name}")))
            table.set("db", None)
    return tuple(sorted(found))
