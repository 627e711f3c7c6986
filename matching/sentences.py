"""What the command line says beside faults, in English and Chinese, by code."""

from collections.abc import Mapping

COMMANDS: Mapping[str, tuple[str, str]] = {
    "help": (
        "Clears a market for industrial solid waste.",
        "为工业固体废物市场撮合供需。",
    ),
    "help_solve": (
        "solve a problem and write its outcome",
        "求解问题并写出结果",
    ),
    "help_verify": (
        "audit an outcome without the solver; exit 1 names every violation",
        "不用求解器审核结果；有违规时逐条列出并以 1 退出",
    ),
    "help_explain": (
        "say why an order stands as it does, and what least change would place the rest of it",
        "说明某条供需为何如此，以及最小改动多少就能全部成交",
    ),
    "help_relax": (
        "rank single relaxations by the tonnes they would add",
        "按可增加的吨数给单项放宽排序",
    ),
    "help_frontier": (
        "write the least support that places each amount of tonnes",
        "写出成交各吨数所需的最少补贴",
    ),
    "help_whatif": (
        "solve an edited problem and say what changes",
        "求解改动后的问题并说明变化",
    ),
    "help_generate": ("write a random problem", "生成一个随机问题"),
    "help_reach": (
        "print tonnes placed per material at several distance limits",
        "按不同距离上限列出各物料的成交吨数",
    ),
    "help_bench": (
        "measure the engine and its peers and print the table",
        "测量本引擎和同类求解器并打印对照表",
    ),
    "help_source": (
        "directory of the problem, or - for JSON on standard input",
        "问题所在目录，- 表示从标准输入读取 JSON",
    ),
    "help_directory": ("directory of the problem", "问题所在目录"),
    "help_outcome": ("directory of the outcome", "结果所在目录"),
    "help_out": (
        "directory to write, or - for JSON on standard output",
        "写入的目录，- 表示向标准输出写 JSON",
    ),
    "help_out_directory": ("directory to write", "写入的目录"),
    "help_time_limit": (
        "seconds after which the best plan so far is taken; by default as the settings say",
        "到此秒数即取当前最好的方案；默认按设置",
    ),
    "help_iterations": (
        "end the search over indivisible parts after so many iterations; repeats a timed run",
        "不可拆分部分的搜索在此迭代次数后结束；可重现限时运行",
    ),
    "help_workers": (
        "processes that work on components at the same time; changes no byte of the outcome",
        "同时处理各连通分量的进程数；不改变结果的任何字节",
    ),
    "help_set": ("settings, written key=value", "设置，写作 key=value"),
    "help_side": (
        "supply or demand, where the id stands on both sides",
        "supply（供应）或 demand（需求），编号两边都有时必填",
    ),
    "help_order": ("id of the order", "供需编号"),
    "help_month": ("its month, where it has several", "月份序号，有多个月份时必填"),
    "help_top": ("how many of each kind", "每类列出的条数"),
    "help_edit": (
        "CSV file of edits: file,id,month,column,value",
        "改动的 CSV 文件：file,id,month,column,value",
    ),
    "help_points": (
        "exact points instead of every breakpoint",
        "只算这么多个精确点，而不列出全部折点",
    ),
    "help_only": ("measure these topics only", "只测量这些项目"),
    "help_instance": (
        "a further problem directory to solve over 12 months with silos",
        "另外按 12 个月加料仓求解的问题目录",
    ),
    "help_bench_out": (
        "file to write; by default docs/benchmarks.md, where everything was measured",
        "写入的文件；全部测量时默认为 docs/benchmarks.md",
    ),
    "help_lang": ("language of the messages", "消息语言"),
    "help_kind": ("kind of problem", "问题类型"),
    "help_seed": ("the same seed gives the same problem", "相同的种子生成相同的问题"),
    "help_supplies": ("number of supplies", "供应条数"),
    "help_demands": ("number of demands", "需求条数"),
    "help_max_km": (
        "distance limits in road km, comma-separated",
        "公路里程上限（公里），逗号分隔",
    ),
    "same_directory": (
        "--out is the problem's own directory; its settings would be overwritten",
        "--out 与问题目录相同，会覆盖其设置",
    ),
    "other_problem": (
        "this outcome belongs to another problem",
        "这份结果属于另一个问题",
    ),
    "both_sides": (
        "“{id}” is a supply and a demand; say which",
        "“{id}”既是供应又是需求，请指明是哪一边",
    ),
    "which_month": (
        "“{id}” has several months ({months}); say which",
        "“{id}”有多个月份（{months}），请指明是哪一个",
    ),
    "stage_read": ("reading the problem", "读取问题"),
    "stage_lanes": ("finding lanes", "查找线路"),
    "stage_flow": ("placing tonnes", "分配吨数"),
    "stage_prices": ("setting prices", "计算价格"),
    "stage_reasons": ("giving reasons", "说明原因"),
    "stage_certificate": ("proving how good it is", "证明其优劣"),
    "stage_write": ("putting the outcome into files", "整理结果文件"),
    "stage_finish": (
        "cut short; finishing the best plan so far",
        "搜索中止，正在整理当前最好的方案",
    ),
    "stage_explain": ("looking for the least change", "查找最小改动"),
    "stage_relax": ("ranking relaxations", "为各项放宽排序"),
    "stage_frontier": ("drawing the frontier", "计算补贴曲线"),
    "better_plan": ("a better plan: {placed} t", "找到更好的方案：{placed} 吨"),
    "measuring": ("measuring {what}", "正在测量 {what}"),
    "reached": ("{instance} within {max_km} km", "{instance}，{max_km} 公里以内"),
    "solved": (
        "{placed} t of {offered} t placed in {matches} matches",
        "共 {offered} 吨，成交 {placed} 吨，{matches} 笔",
    ),
    "proven": ("proven optimal", "已证明最优"),
    "not_proven": (
        "the best plan found; report.json says how far it may lie below the best possible",
        "这是目前最好的方案；与理论最优的差距见 report.json",
    ),
    "frontier": (
        "{points} points of the divisible relaxation, holding excluded",
        "{points} 个点（按可任意拆分计算，不含仓储费）",
    ),
    "written": ("written: {path}", "已写入：{path}"),
    "level_proved": (
        "{level}: proven best",
        "{level}：已证明最优",
    ),
    "level_bound": (
        "{level}: {value} reached, proven bound {bound}",
        "{level}：达到 {value}，已证明的上界 {bound}",
    ),
    "level_claimed": (
        "{level}: {value} reached, proven bound {bound}; bound claimed without proof {claimed}",
        "{level}：达到 {value}，已证明的上界 {bound}；求解器声称、未证明的上界 {claimed}",
    ),
    "verified": (
        "verified: {matches} matches, {placed} t, every promise holds",
        "审核通过：{matches} 笔，{placed} 吨，全部约定成立",
    ),
    "violation": ("{property}: {where}", "{property}：{where}"),
    "violation_values": (
        "{property}: {where}: found {found}, expected {expected}",
        "{property}：{where}：实为 {found}，应为 {expected}",
    ),
    "engine_failed": ("the solver failed: {error}", "求解器失败：{error}"),
    "cancelled": (
        "cancelled before there was a plan; there are no matches",
        "尚无方案即已取消，没有撮合结果",
    ),
}
