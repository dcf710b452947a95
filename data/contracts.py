"""What a row is: the columns of every source we accept, and the headers they are known by. Docs for people: docs/exports.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

# What a cell is for decides how its text is read and how it is stored.
STORED = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "enum": "VARCHAR",
    "date": "DATE",
    "ts": "TIMESTAMP",  # company time zone
    "money": "DECIMAL(18,4)",
    "qty": "DECIMAL(18,4)",
    "rate": "DECIMAL(18,8)",
    "pct": "DECIMAL(9,6)",
    "days": "INTEGER",
    "bool": "BOOLEAN",
    "period": "VARCHAR",  # 2026-06, 2026-Q2, 2026
    "goal": "DECIMAL(18,4)",  # a target's value: an amount, a count or a share
}
# Where a stored row comes from, and which load took its place (null: it is current). Most are the same for rows on end: the engine
# need not try what else would make them small.
PROVENANCE = {
    "_load_id": "INTEGER USING COMPRESSION rle",
    "_file_id": "INTEGER USING COMPRESSION rle",
    "_row": "INTEGER",
    "_from": "DATE USING COMPRESSION rle",  # snapshots only: the day this version began; null: as far back as we know
    "_replaced_by": "INTEGER USING COMPRESSION rle",
}


@dataclass(frozen=True)
class Column:
    """One column of a source: its role, whether it must be filled, the headers it is known by, its allowed values.

    `aliases` name the column beyond doubt. `bare` headers (日期, 金额, 客户) may mean it: they are taken only when no other
    column is left that the same header may mean. `values` map what an enum (or a coded text) stores to how exports write it.
    """

    name: str
    role: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)  # enum value -> how exports write it
    default: str | None = None
    refers_to: str | None = None
    bare: tuple[str, ...] = ()
    several: bool = False  # an enum whose cell may hold several values joined by ;
    event: bool = False  # the date of something that happened: never long after the export
    present: bool = False  # the sheet must have it, though its cells may be blank
    personal: bool = False  # only whether it is filled is kept, unless the company says otherwise
    same_as: str = ""  # once a row is checked, this column says what that one says, so that it need not be stored beside it


@dataclass(frozen=True)
class Contract:
    """One source: grain and key, how a new export meets what is stored, and its columns."""

    name: str
    grain: str
    key: tuple[str, ...]
    mode: str  # snapshot | window | upsert
    columns: tuple[Column, ...]
    window_on: tuple[str, ...] = ()  # the load date: the first of these that is filled
    one_of: tuple[tuple[str, ...], ...] = ()  # at least one of each group must be filled
    amounts: tuple[str, ...] = ()  # summed in the account, to the cent
    version: str = ""  # of several rows with one key, the one where this column is latest counts
    helpers: tuple[Column, ...] = ()  # read only to complete or check the others; never stored

    def column(self, name: str) -> Column:
        """The column of that name, stored or not; KeyError if there is none."""
        return self._by_name[name]

    @cached_property
    def same(self) -> dict[str, str]:
        """Columns that always say what another says, with that other."""
        return {column.name: column.same_as for column in self.columns if column.same_as}

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in (*self.helpers, *self.columns)}


C = Column

VALID = {
    "valid": ("已审核", "审核", "有效", "正常", "已确认", "confirmed", "posted", "done", "sale", "completed", "approved", "open", "paid",
      "已核销", "部分核销", "未核销", "已完成"),
    "draft": ("草稿", "暂存", "未审核", "创建", "审核中", "待审核", "quotation", "quotation sent", "new"),
}  # fmt: skip
ORDER_STATUS = {**VALID, "cancelled": ("作废", "已作废", "已取消", "取消", "canceled", "void", "已关闭")}
INVOICE_STATUS = {**VALID, "void": ("作废", "已作废", "已取消", "取消", "红冲作废", "cancelled", "canceled", "voided")}
CURRENCY = ("Currency", "Currency Code", "Document Currency", "币别", "币种", "货币")
FX_RATE = ("Exchange Rate", "FX Rate", "汇率")
TERRITORY = ("Territory", "Sales Territory", "Sales District", "片区", "销售区域", "路区", "路区编码", "所属地区")

REPS = Contract(
    "reps", "one person in one assignment", ("rep_id", "valid_from"), "snapshot",
    (
        C("rep_id", "id", True, ("Owner ID", "User ID", "OwnerId", "Employee No", "Employee ID", "业务员编码", "业务员编号", "职员编码",
          "工号", "人员编码", "员工编号")),
        C("rep_name", "text", True, ("Salesperson", "Owner", "Full Name", "Name", "业务员", "业务员姓名", "销售员", "姓名", "负责人")),
        C("role", "enum", True, ("Owner Role", "Job Title", "角色", "职务", "岗位"), several=True, default="rep", values={
            "rep": ("外勤", "外勤业务员", "业务员", "销售员", "销售代表", "sales rep", "sales representative", "salesperson",
              "field sales"),
            "inside": ("内勤", "内勤业务员", "电销", "inside sales", "inside"),
            "kam": ("大客户经理", "key account manager", "kam"),
            "regional_manager": ("区域经理", "大区经理", "regional manager", "area manager", "regional sales manager"),
            "director": ("销售总监", "总监", "销售总经理", "sales director", "director of sales"),
            "admin": ("管理员", "系统管理员", "administrator"),
        }),
        C("territory_id", "id", aliases=("Territory ID", "Territory", "Sales Team", "路区", "路区编码", "片区")),
        C("region", "text", aliases=("Sales Region", "大区", "区域", "销售部门")),
        C("manager_id", "id", aliases=("Manager", "Manager ID", "上级", "上级编码", "上级工号", "直属上级")),
        C("pair_id", "id", aliases=("Pair", "Partner ID", "搭档", "搭档编号", "搭档组")),
        C("login", "id", aliases=("Email", "E-mail", "User Name", "Username", "邮箱", "登录名", "账号")),
        C("valid_from", "date", aliases=("Start Date", "Valid From", "生效日期", "开始日期")),
        C("valid_to", "date", aliases=("End Date", "Valid To", "失效日期", "结束日期")),
        C("left_on", "date", aliases=("Left On", "Leaving Date", "Last Day", "离职日期")),
    ),
)  # fmt: skip
TERRITORIES = Contract(
    "territories", "one territory", ("territory_id",), "snapshot",
    (
        C("territory_id", "id", True, ("Territory ID", "Territory Code", "路区编码", "路区编号", "片区编码", "所属地区码"),
          bare=("Territory", "路区", "片区")),
        C("name", "text", True, ("Territory Name", "路区名称", "片区名称"), bare=("Territory", "路区", "片区", "名称")),
        C("region", "text", True, ("Sales Region", "大区", "区域", "所属大区")),
        C("annual_potential", "money", aliases=("Potential", "Annual Potential", "市场容量", "年市场容量")),
        C("hours_per_visit", "qty", aliases=("Hours per Visit", "单次拜访工时")),
    ),
)  # fmt: skip
CUSTOMERS = Contract(
    "customers", "one customer (客户卡)", ("customer_id",), "snapshot",
    (
        C("customer_id", "id", True, ("Account ID", "Customer ID", "Customer No", "Customer Code", "Customer Number", "Sold-to party",
          "KUNNR", "客户编码", "客户编号", "客户代码", "客商编码"),
          bare=("Customer",)),
        C("customer_name", "text", True, ("Account Name", "Customer Name", "Name 1", "客户名称"), bare=("Customer", "客户简称", "客户",
          "名称", "Name")),
        C("owner_id", "id", True, ("Account Owner ID", "Owner ID", "OwnerId", "负责人编码", "负责人工号", "业务员编码", "专管业务员编码",
          "销售员编码"), refers_to="reps",
          bare=("Account Owner", "Owner", "Salesperson", "负责人", "专管业务员", "销售员", "业务员")),
        C("territory_id", "id", aliases=(*TERRITORY, "Territory ID")),
        C("status", "enum", default="active", aliases=("Account Status", "Active", "客户状态", "使用状态"), bare=("状态",), values={
            "active": ("使用", "正常", "启用", "合作中", "有效", "true", "yes", "是", "1", "已审核"),
            "inactive": ("停用", "禁用", "冻结", "已停用", "停止合作", "流失", "false", "no", "否", "0", "blocked"),
        }),
        C("manual_class", "enum", aliases=("Account Rating", "Tier", "Customer Class", "客户级别", "客户等级"), values={
            "A": ("A类", "A级", "重点", "hot"), "B": ("B类", "B级", "warm"), "C": ("C类", "C级", "cold"),
        }),
        C("is_key", "bool", aliases=("Key Account", "Is Key Account", "是否大客户", "大客户")),
        C("created_on", "date", aliases=("Created Date", "Created On", "创建日期", "创建时间"), bare=("Customer Since", "发展日期")),
        C("first_order_on", "date", aliases=("First Order Date", "首单日期"), bare=("Customer Since", "发展日期")),
        C("contract_signed_on", "date", aliases=("Contract Date", "签约日期", "合同签订日期")),
        C("credit_rating", "text", aliases=("Credit Rating", "信用等级")),
        C("credit_limit", "money", aliases=("Credit Limit", "信用额度")),
        C("terms_days", "days", aliases=("Payment Terms", "Terms Days", "Credit Days", "账期", "信用期限", "收款条件", "账期天数")),
        C("annual_potential", "money", aliases=("Annual Revenue", "Annual Potential", "年采购潜力")),
        C("loyalty", "enum", aliases=("忠诚度",), values={
            "loyal": ("忠诚", "忠诚客户"), "switcher": ("摇摆", "转换", "游离"), "indifferent": ("无所谓", "不在意"),
        }),
        C("parent_id", "id", aliases=("Parent Account", "Parent Account ID", "客户总公司编码", "上级客户编码")),
        C("industry", "text", aliases=("行业", "所属行业")),
        C("province", "text", aliases=("Billing State", "State", "省", "省份")),
        C("city", "text", aliases=("Billing City", "市", "城市")),
        C("contact", "text", aliases=("Contact Name", "Contact Person", "联系人"), personal=True),
        C("phone", "text", aliases=("Phone Number", "Telephone", "Mobile", "电话", "联系电话", "手机"), personal=True),
        C("updated_on", "ts", aliases=("Last Modified Date", "Updated On", "修改日期", "最后修改时间", "变更日期")),
    ),
    version="updated_on",
    helpers=(C("inactive_from", "date", aliases=("Inactive Date", "Deactivated On", "停用日期")),),
)  # fmt: skip
ASSIGNMENTS = Contract(
    "assignments", "one span of days in which a customer has one owner", ("customer_id", "valid_from"), "snapshot",
    (
        C("customer_id", "id", True, ("Account ID", "Customer ID", "Customer No", "Customer Code", "客户编码", "客户编号", "客户代码",
          "客商编码"), refers_to="customers",
          bare=("Account", "Account Name", "Customer", "Customer Name", "客户", "客户名称")),
        C("rep_id", "id", True, ("Owner ID", "OwnerId", "New Owner ID", "业务员编码", "业务员编号", "负责人编码", "负责人工号", "工号",
          "销售员编码"), refers_to="reps",
          bare=("Owner", "New Owner", "Account Owner", "Salesperson", "负责人", "新负责人", "业务员", "销售员")),
        C("valid_from", "date", present=True, aliases=("Start Date", "Valid From", "接管日期", "生效日期", "开始日期")),
        C("valid_to", "date", present=True, aliases=("End Date", "Valid To", "移交日期", "失效日期", "结束日期")),
    ),
)  # fmt: skip
PROSPECTS = Contract(
    "prospects", "one prospect (潜客): its state today and the day it first reached each stage", ("prospect_id",), "snapshot",
    (
        C("prospect_id", "id", True, ("Lead ID", "Opportunity ID", "线索编号", "商机编号", "潜客编号")),
        C("name", "text", True, ("Company", "Company Name", "Lead Name", "Opportunity Name", "潜客名称", "线索名称", "商机名称",
          "公司名称"), bare=("名称", "客户名称", "Account Name")),
        C("owner_id", "id", True, ("Lead Owner ID", "Opportunity Owner ID", "Owner ID", "OwnerId", "负责人编码", "负责人工号",
          "业务员编码"), refers_to="reps",
          bare=("Lead Owner", "Opportunity Owner", "Salesperson", "Owner", "负责人", "业务员", "销售员")),
        C("inside_id", "id", aliases=("Inside Sales ID", "Inside Sales", "内勤", "内勤编码", "电销", "电销编码"), refers_to="reps"),
        C("source", "text", aliases=("Lead Source", "线索来源", "客户来源")),
        C("prospect_class", "enum", aliases=("Rating", "意向级别", "潜客等级", "潜客级别"), values={
            "A": ("A类", "A级", "高", "hot"), "B": ("B类", "B级", "中", "warm"), "C": ("C类", "C级", "低", "cold"),
        }),
        C("class_date", "date", aliases=("Rated On", "定级日期"), event=True),
        C("created_on", "date", True, ("Created Date", "创建时间", "创建日期"), event=True),
        C("qualified_on", "date", aliases=("Qualified Date", "目标客户认定日", "认定日期"), event=True),
        C("visited_on", "date", aliases=("First Visit Date", "首次拜访日期", "首访日期"), event=True),
        C("quoted_on", "date", aliases=("Quoted Date", "Quote Date", "报价日", "报价日期"), event=True),
        C("contracted_on", "date", aliases=("Won Date", "Contract Date", "签约日", "签约日期"), bare=("Closed Date", "Close Date"),
          event=True),
        C("lost_on", "date", aliases=("Lost Date", "丢单日", "丢单日期"), bare=("Closed Date", "Close Date"), event=True),
        C("abandoned_on", "date", aliases=("Abandoned Date", "放弃日", "放弃日期"), event=True),
        C("stage", "enum", True, ("Stage Name", "阶段", "销售阶段", "跟进状态"), bare=("Status", "Lead Status", "状态"), values={
            "collected": ("收集", "已收集", "线索", "新线索", "待跟进", "new", "lead", "prospecting"),
            "qualified": ("目标客户", "已认定", "有效线索", "跟进中", "qualification", "working"),
            "visited": ("已拜访", "拜访中", "需求确认", "needs analysis"),
            "quoted": ("已报价", "报价", "方案报价", "proposal", "proposal/price quote", "proposition", "negotiation/review"),
            "contracted": ("签约", "已签约", "成交", "已成交", "赢单", "won", "closed won", "converted"),
            "lost": ("丢单", "已丢单", "输单", "closed lost"),
            "abandoned": ("放弃", "已放弃", "无效", "无效线索", "disqualified", "unqualified"),
        }),
        C("customer_id", "id", aliases=("Converted Account", "Converted Account ID", "转客户编码", "转客户编号"), refers_to="customers",
          bare=("Account ID", "客户编码", "客户编号")),
        C("lost_reason", "text", aliases=("Loss Reason", "丢单原因", "输单原因")),
        C("competitor", "text", aliases=("Main Competitor", "竞争对手")),
        C("need_state", "enum", aliases=("需求状态",), values={
            "must": ("必须", "刚需"), "optional": ("可选", "可有可无"), "latent": ("潜在",), "none": ("无", "无需求"),
        }),
        C("followup", "enum", aliases=("Next Step", "跟进分类"), values={
            "continue": ("继续", "继续跟进"), "revisit": ("回访", "再访", "再次拜访"), "abandon": ("放弃",),
        }),
        C("next_visit_on", "date", aliases=("Next Visit", "下次拜访时间", "下次拜访日期")),
        C("est_value", "money", aliases=("Amount", "Estimated Value", "Expected Revenue", "预计金额")),
        C("last_reviewed_on", "date", aliases=("Last Reviewed", "查阅日期", "最后查阅日期"), event=True),
        C("updated_on", "ts", aliases=("Last Modified Date", "修改日期", "最后修改时间", "变更日期")),
    ),
    amounts=("est_value",), version="updated_on",
)  # fmt: skip
VISITS = Contract(
    "visits", "one planned and/or made visit", ("visit_id",), "window",
    (
        C("visit_id", "id", aliases=("Activity ID", "Event ID", "拜访编号", "外勤编号", "拜访单号")),
        C("rep_id", "id", True, ("Assigned To ID", "Owner ID", "OwnerId", "业务员编码", "拜访人编码", "拜访人工号", "工号"),
          refers_to="reps",
          bare=("Assigned To", "Salesperson", "Owner", "拜访人", "外勤人员", "业务员", "负责人")),
        C("customer_id", "id", aliases=("Account ID", "Customer ID", "Customer Code", "客户编码", "客户编号", "客户代码"),
          refers_to="customers",
          bare=("Account", "Related To", "Partner", "Customer", "Customer Name", "Account Name", "客户", "客户名称", "拜访对象")),
        C("prospect_id", "id", aliases=("Lead ID", "Opportunity ID", "线索编号", "商机编号", "潜客编号"), refers_to="prospects"),
        C("territory_id", "id", aliases=(*TERRITORY, "Territory ID")),
        C("planned_date", "date", aliases=("Due Date", "Planned On", "计划日期", "计划拜访时间", "计划拜访日期")),
        C("actual_date", "ts", aliases=("Start", "ActivityDate", "Activity Date", "Check-in", "Visit Date", "拜访时间", "拜访日期",
          "签到时间", "实际拜访时间", "实际日期"),
          bare=("日期", "Date"), event=True),
        C("status", "enum", aliases=("Visit Status", "拜访状态", "状态"), values={
            "planned": ("待拜访", "计划中", "未开始", "open", "not started", "scheduled", "to do"),
            "completed": ("已完成", "完成", "已签退", "已拜访", "done", "closed", "held"),
            "cancelled": ("已取消", "取消", "canceled", "not held"),
            "missed": ("未拜访", "未完成", "失约", "no show"),
            "rescheduled": ("已改期", "改期", "deferred", "postponed"),
        }),
        C("visit_type", "enum", default="on_site", aliases=("Type", "Activity Type", "拜访方式", "拜访类型"), values={
            "on_site": ("客户现场拜访", "现场拜访", "上门拜访", "现场", "上门", "visit", "on-site", "onsite", "meeting"),
            "customer_visits_us": ("来我司拜访", "来访", "客户来访", "customer visit"),
            "phone": ("电话", "电话拜访", "call", "phone call"),
            "online": ("线上会议", "线上", "视频会议", "video call", "online meeting"),
        }),
        C("booked_by", "id", aliases=("Created By", "预约人")),
        C("cancelled_by", "enum", aliases=("取消方",), values={"customer": ("客户", "对方", "客户方"), "us": ("我方", "我司", "公司")}),
        C("purpose", "text", aliases=("Subject", "拜访目的", "主题")),
        C("outcome", "text", aliases=("Result", "拜访结果", "拜访总结")),
        C("logged_at", "ts", aliases=("Created Date", "填写时间", "提交时间", "创建时间"), event=True),
        C("new_visit_id", "id", aliases=("Rescheduled To", "改期后编号", "新拜访编号")),
    ),
    window_on=("planned_date", "actual_date"), one_of=(("customer_id", "prospect_id"), ("planned_date", "actual_date")),
)  # fmt: skip
ORDERS = Contract(
    "orders", "one order line or shipment (票)", ("order_id", "line_no"), "window",
    (
        C("order_id", "id", True, ("Order Reference", "Sales Document", "Shipment No", "Order No", "Order Number", "订单号", "订单编号",
          "出库单号", "运单号", "票号", "工作单号", "业务编号"),
          bare=("单据编号",)),
        C("line_no", "id", aliases=("Line", "Line No", "Line Number", "Item", "行号", "分录号")),
        C("customer_id", "id", True, ("Customer ID", "Customer Code", "Customer No", "Account ID", "Sold-to party", "客户编码",
          "客户编号", "客户代码"), refers_to="customers",
          bare=("Customer", "Customer Name", "客户", "客户名称", "购货单位")),
        C("rep_id", "id", aliases=("Salesperson ID", "Employee No", "业务员编码", "业务员编号", "销售员编码", "工号"), refers_to="reps",
          bare=("Salesperson", "销售员", "业务员", "Sales Rep")),
        C("territory_id", "id", aliases=(*TERRITORY, "Territory ID")),
        C("order_date", "date", aliases=("下单日期", "订单日期", "Document Date", "接单日期"), bare=("日期", "Date", "单据日期",
          "业务日期"), event=True),
        C("ship_date", "date", aliases=("Actual GI date", "Shipment Date", "Delivery Date", "发货日期", "出库日期", "开航日期"),
          bare=("日期", "Date", "单据日期", "业务日期"), event=True),
        C("doc_type", "enum", default="sale", aliases=("Document Type", "Order Type", "单据类型"), values={
            "sale": ("销售", "销售出库", "标准销售订单", "销售订单", "普通销售", "order", "sales order", "standard order"),
            "return": ("退货", "销售退货", "退货单", "returns", "sales return", "credit memo"),
            "sample": ("样品", "样品单", "赠品", "free sample"),
        }),
        C("status", "enum", default="valid", aliases=("Order Status", "单据状态", "订单状态", "状态"), values=ORDER_STATUS),
        C("product_id", "id", aliases=("Product ID", "Product Code", "Material", "Material Number", "物料编码", "存货编码", "产品编码"),
          refers_to="products",
          bare=("Product", "产品", "服务项目")),
        C("product_line", "text", aliases=("Product Category", "Product Family", "Service", "Lane", "产品线", "航线", "业务类型",
          "产品类别")),
        C("qty", "qty", aliases=("Quantity", "Qty Ordered", "Billed Quantity", "数量", "实发数量", "件数", "计费重量")),
        C("uom", "text", aliases=("Unit", "Unit of Measure", "单位", "计量单位")),
        C("net_amount", "money", True, ("Untaxed Total", "Untaxed Amount", "Net value", "Net Amount", "不含税金额", "无税金额",
          "本币金额(不含税)", "未税金额"),
          bare=("金额", "Amount", "本币金额")),
        C("gross_amount", "money", aliases=("Gross Amount", "价税合计", "含税金额"), bare=("金额", "Amount", "Total")),
        C("tax_rate", "pct", aliases=("Tax Rate", "税率"), bare=("Tax",)),
        C("cost_amount", "money", aliases=("Cost", "Cost of Sales", "成本", "成本金额", "应付成本", "运费成本")),
        C("list_amount", "money", aliases=("List Amount", "标准价金额", "目录价金额")),
        C("orig_order_id", "id", aliases=("Original Order", "原单号", "原订单号")),
        C("approved_by", "id", aliases=("Approver", "审批人", "批准人")),
        C("currency", "text", aliases=CURRENCY),
        C("fx_rate", "rate", aliases=FX_RATE),
        C("amount_base", "money", same_as="net_amount", aliases=("Base Amount", "本位币金额"), bare=("本币金额",)),
    ),
    window_on=("order_date", "ship_date"), one_of=(("order_date", "ship_date"),),
    amounts=("net_amount", "cost_amount"),
    helpers=(C("unit_price", "rate", aliases=("不含税单价", "无税单价", "未税单价"), bare=("单价", "Price", "销售单价")),),
)  # fmt: skip
QUOTES = Contract(
    "quotes", "one version of a quote", ("quote_id", "version"), "window",
    (
        C("quote_id", "id", True, ("Quotation", "Quote Number", "Quotation Number", "Quote No", "报价单号", "报价编号")),
        C("version", "id", aliases=("Revision", "版本", "版本号")),
        C("customer_id", "id", aliases=("Account ID", "Customer ID", "Customer Code", "Customer No", "客户编码", "客户编号", "客户代码"),
          refers_to="customers",
          bare=("Account", "Account Name", "Customer", "Customer Name", "Partner", "客户", "客户名称")),
        C("prospect_id", "id", aliases=("Lead ID", "Opportunity ID", "线索编号", "商机编号", "潜客编号"), refers_to="prospects"),
        C("rep_id", "id", True, ("Salesperson ID", "Owner ID", "OwnerId", "业务员编码", "业务员编号", "销售员编码", "工号"),
          refers_to="reps",
          bare=("Salesperson", "Owner", "Sales Rep", "业务员", "销售员", "负责人", "报价人")),
        C("quote_date", "date", True, ("Quotation Date", "Quoted On", "报价日期"), bare=("日期", "Date", "Order Date"), event=True),
        C("amount", "money", True, ("Quote Amount", "报价金额"), bare=("金额", "Total", "Untaxed Amount", "Grand Total")),
        C("status", "enum", default="open", aliases=("Quote Status", "报价状态"), bare=("状态",), values={
            "open": ("报价中", "已报价", "待定", "跟进中", "待审批", "审批中", "有效", "sent", "draft", "quotation", "quotation sent",
              "presented", "in review", "pending"),
            "won": ("赢单", "成交", "已成交", "已接受", "accepted", "sales order", "sale", "ordered"),
            "lost": ("丢单", "输单", "未成交", "已拒绝", "rejected", "denied", "declined", "cancelled", "canceled"),
            "expired": ("过期", "已过期", "失效", "已失效"),
        }),
        C("is_special", "bool", aliases=("Special Price", "Special", "特殊报价", "特批", "特殊报价/特批", "是否特批")),
        C("approved_on", "date", aliases=("Approved Date", "Approval Date", "审批日期", "批准日期"), event=True),
        C("currency", "text", aliases=CURRENCY),
        C("fx_rate", "rate", aliases=FX_RATE),
        C("amount_base", "money", same_as="amount", aliases=("Base Amount", "本位币金额", "本币金额")),
    ),
    window_on=("quote_date",), one_of=(("customer_id", "prospect_id"),), amounts=("amount",),
)  # fmt: skip
INVOICES = Contract(
    "invoices", "one invoice or credit note", ("invoice_id",), "window",
    (
        C("invoice_id", "id", True, ("Invoice Number", "Invoice No", "Billing Document", "Document Number", "发票号码", "发票号",
          "应收单号", "应收付单据号"), bare=("单据编号",)),
        C("customer_id", "id", True, ("Customer ID", "Customer Code", "Customer No", "Account ID", "客户编码", "客户编号", "客户代码",
          "客商编号", "客商编码"), refers_to="customers",
          bare=("Customer", "Customer Name", "Partner", "客户", "客户名称")),
        C("rep_id", "id", aliases=("Salesperson ID", "业务员编码", "业务员编号", "销售员编码", "工号"), refers_to="reps",
          bare=("Salesperson", "销售员", "业务员")),
        C("territory_id", "id", aliases=(*TERRITORY, "Territory ID")),
        C("order_id", "id", aliases=("Order Reference", "Order No", "Sales Document", "订单号", "订单编号", "票号", "工作单号")),
        C("invoice_date", "date", True, ("Billing Date", "开票日期", "发票日期"), bare=("日期", "Date", "业务日期", "单据日期"),
          event=True),
        C("due_date", "date", aliases=("Net due date", "Due", "到期日", "到期日期", "应收日期"), bare=("日期", "Date")),
        C("amount", "money", True, ("Invoice Amount", "Amount in local currency", "价税合计", "开票金额", "应收金额", "发票金额"),
          bare=("金额", "Total", "本币金额")),
        C("doc_type", "enum", default="invoice", aliases=("Document Type", "Invoice Type", "单据类型", "发票类型"), values={
            "invoice": ("发票", "蓝字", "蓝字发票", "应收单", "标准应收单", "customer invoice", "out_invoice"),
            "credit_note": ("红字", "红字发票", "红冲", "customer credit note", "credit note", "credit memo", "out_refund"),
            "write_off": ("坏账", "坏账核销", "write-off", "write off", "bad debt"),
        }),
        C("status", "enum", default="valid", aliases=("Invoice Status", "单据状态", "发票状态", "状态"), values=INVOICE_STATUS),
        C("credit_of", "id", aliases=("Reversal of", "Original Invoice", "原发票号", "原发票号码", "对应蓝字发票")),
        C("currency", "text", aliases=CURRENCY),
        C("fx_rate", "rate", aliases=FX_RATE),
        C("amount_base", "money", same_as="amount", aliases=("Base Amount", "本位币金额"), bare=("本币金额",)),
        C("paid_amount", "money", aliases=("Paid Amount", "Amount Paid", "已核销金额", "已收金额", "收回金额"), bare=("金额",)),
        C("paid_on", "date", aliases=("Clearing date", "Paid Date", "最后收款日期", "收款日期"), event=True),
        C("open_amount", "money", aliases=("Amount Due", "Open Amount", "未核销金额", "未收金额"), bare=("金额",)),
    ),
    window_on=("invoice_date",), amounts=("amount", "paid_amount", "open_amount"),
)  # fmt: skip
RECEIPTS = Contract(
    "receipts", "one application of cash to an invoice, or unapplied cash", ("receipt_id", "line_no"), "window",
    (
        C("receipt_id", "id", True, ("Payment", "Payment No", "Payment ID", "Payment Number", "Clearing Document", "收款单号", "回款编号",
          "收款编号"), bare=("单据编号",)),
        C("line_no", "id", aliases=("Line", "Line No", "Line Number", "行号", "分录号")),
        C("customer_id", "id", True, ("Customer ID", "Customer Code", "Customer No", "Account ID", "客户编码", "客户编号", "客户代码",
          "客商编码"), refers_to="customers",
          bare=("Customer", "Customer Name", "Partner", "客户", "客户名称", "付款单位")),
        C("invoice_id", "id", aliases=("Invoice", "Invoice Number", "Invoice No", "Reconciled Invoice", "源单编号", "核销单据",
          "对应发票", "发票号码", "发票号")),
        C("received_on", "date", True, ("Payment Date", "Received Date", "收款日期", "到账日期", "回款日期"), bare=("日期", "Date",
          "业务日期", "Posting Date"), event=True),
        C("cleared_on", "date", aliases=("Bill Due Date", "承兑到期日", "承兑日期")),
        C("applied_on", "date", aliases=("Applied On", "Clearing Date", "核销日期"), event=True),
        C("amount", "money", True, ("Payment Amount", "收款金额", "实收金额", "回款金额", "本次核销金额"), bare=("金额",)),
        C("doc_type", "enum", default="receipt", aliases=("Document Type", "单据类型"), values={
            "receipt": ("收款", "收款单", "payment", "inbound"),
            "reversal": ("冲销", "退款", "收款退款", "收款退款单", "红字收款单", "refund", "outbound"),
        }),
        C("method", "enum", aliases=("Payment Method", "结算方式", "收款方式"), values={
            "transfer": ("电汇", "转账", "银行转账", "网银", "汇款", "wire", "bank transfer", "bank"),
            "cash": ("现金",),
            "bill": ("承兑汇票", "银行承兑汇票", "商业承兑汇票", "票据", "acceptance bill", "draft"),
            "offset": ("抵扣", "冲抵", "对冲", "应收冲应付", "netting"),
        }),
        C("rep_id", "id", aliases=("Salesperson ID", "业务员编码", "业务员编号", "销售员编码", "工号"), refers_to="reps",
          bare=("Salesperson", "业务员", "销售员")),
        C("currency", "text", aliases=CURRENCY),
        C("fx_rate", "rate", aliases=FX_RATE),
        C("amount_base", "money", same_as="amount", aliases=("Base Amount", "本位币金额", "本币金额")),
    ),
    window_on=("received_on",), amounts=("amount",),
)  # fmt: skip
TARGETS = Contract(
    "targets", "one target: whose, for which period, on which metric", ("scope", "scope_id", "period", "metric", "product_line"),
      "snapshot",
    (
        C("scope", "enum", True, ("Level", "范围", "层级", "目标对象类型"), values={
            "rep": ("业务员", "个人", "销售员", "salesperson"), "territory": ("路区", "片区"), "region": ("大区", "区域"),
              "company": ("公司", "全公司", "total company"),
        }),
        C("scope_id", "id", True, ("Scope ID", "目标对象", "对象编码")),
        C("period", "period", True, ("Month", "Target Month", "期间", "月份", "年月")),
        C("metric", "text", True, ("KPI", "Measure", "指标", "指标名称", "考核指标"), values={
            "revenue": ("销售额", "营业额", "收入", "销售收入", "sales"),
            "gross_profit": ("毛利", "毛利额", "gross margin amount"),
            "completed_visits": ("拜访次数", "拜访量", "拜访数", "visits"),
            "new_customers": ("新客户数", "新客户", "新增客户数", "new accounts"),
            "order_count": ("订单数", "票数", "单量", "orders"),
            "collected": ("回款", "回款额", "收款额", "cash collected"),
            "collection_rate": ("到账率", "货款到账率", "回款率"),
            "active_customers": ("活跃客户数", "活跃客户"),
        }),
        C("value", "goal", True, ("Quota", "Target", "Target Value", "Forecast Quota", "目标", "目标值", "任务量", "指标值")),
        C("product_line", "text", aliases=("Product Family", "产品线")),
    ),
    amounts=("value",),
)  # fmt: skip
SERVICE = Contract(
    "service", "one complaint, exception or survey answer", ("case_id",), "window",
    (
        C("case_id", "id", True, ("Case Number", "Ticket", "Ticket ID", "Ticket Number", "投诉单号", "工单号", "投诉编号", "工单编号",
          "异常单号")),
        C("customer_id", "id", True, ("Account ID", "Customer ID", "Customer Code", "Customer No", "客户编码", "客户编号", "客户代码"),
          refers_to="customers",
          bare=("Account", "Account Name", "Customer", "Customer Name", "Partner", "客户", "客户名称")),
        C("kind", "enum", True, ("Case Type", "Ticket Type", "类型", "工单类型", "单据类型"), bare=("Type",), values={
            "complaint": ("投诉", "客户投诉", "客诉", "problem"),
            "exception": ("异常", "运输异常", "货损", "incident", "issue"),
            "survey": ("调查", "满意度调查", "回访", "满意度", "feedback", "csat"),
        }),
        C("opened_on", "ts", True, ("Date/Time Opened", "Opened", "Opened Date", "投诉日期", "受理时间", "受理日期"),
          bare=("日期", "Date", "Created Date", "创建时间"), event=True),
        C("responded_at", "ts", aliases=("First Response", "Responded", "响应时间", "首次响应时间"), event=True),
        C("closed_at", "ts", aliases=("Closed", "Date/Time Closed", "Closed Date", "关闭时间", "结案时间"), event=True),
        C("status", "enum", aliases=("Case Status", "状态", "工单状态", "处理状态"), values={
            "open": ("未关闭", "待处理", "处理中", "已受理", "new", "working", "in progress", "escalated", "on hold", "pending"),
            "closed": ("已关闭", "关闭", "已结案", "结案", "已完成", "已解决", "resolved", "solved", "done"),
        }),
        C("category", "text", aliases=("Case Reason", "Complaint Category", "投诉类别", "问题类别")),
        C("score", "qty", aliases=("CSAT", "Satisfaction", "Satisfaction Score", "满意度评分", "评分")),
        C("scale_min", "qty", aliases=("Scale From", "最低分")),
        C("scale_max", "qty", aliases=("Scale To", "满分", "最高分")),
        C("order_id", "id", aliases=("Order No", "Order Number", "Order Reference", "订单号", "订单编号", "票号", "运单号", "工作单号")),
    ),
    window_on=("opened_on",),
)  # fmt: skip
STOCK_COUNTS = Contract(
    "stock_counts", "one count of one product at one customer on one day", ("customer_id", "product_id", "counted_on"), "window",
    (
        C("customer_id", "id", True, ("Account ID", "Customer ID", "Customer Code", "客户编码", "客户编号", "客户代码", "门店编码",
          "门店编号"), refers_to="customers",
          bare=("Account", "Customer", "Customer Name", "客户", "客户名称", "门店", "门店名称")),
        C("product_id", "id", True, ("Product ID", "Product Code", "Material", "Material Number", "物料编码", "存货编码", "产品编码"),
          refers_to="products", bare=("Product", "产品", "商品")),
        C("counted_on", "date", True, ("Count Date", "Counted", "盘点日期"), bare=("日期", "Date"), event=True),
        C("qty", "qty", True, ("On-hand", "On Hand Quantity", "Stock", "门店库存", "库存数量", "盘点数量", "库存"),
          bare=("Quantity", "数量")),
        C("on_order", "qty", aliases=("On Order Quantity", "In Transit", "在途", "在途数量")),
        C("pack_size", "qty", aliases=("Pack", "Case Size", "箱规", "装箱数")),
    ),
    window_on=("counted_on",),
)  # fmt: skip
PRODUCTS = Contract(
    "products", "one product or service, from a day on", ("product_id", "valid_from"), "snapshot",
    (
        C("product_id", "id", True, ("Product ID", "Product Code", "Material", "Material Number", "物料编码", "存货编码", "产品编码"),
          bare=("Product",)),
        C("name", "text", True, ("Product Name", "Material Description", "存货名称", "物料名称", "产品名称"), bare=("Product", "名称")),
        C("product_line", "text", True, ("Product Category", "Product Family", "产品线", "产品类别")),
        C("unit_cost", "money", aliases=("Standard Cost", "Unit Cost", "标准成本", "单位成本")),
        C("list_price", "money", aliases=("List Price", "目录价", "标准价")),
        C("margin_floor", "pct", aliases=("Margin Floor", "Minimum Margin", "最低毛利率")),
        C("uom", "text", aliases=("Unit", "Unit of Measure", "单位", "计量单位")),
        C("valid_from", "date", aliases=("Valid From", "Effective Date", "生效日期")),
    ),
)  # fmt: skip
SOURCES = {
    c.name: c
    for c in (
        REPS, TERRITORIES, CUSTOMERS, ASSIGNMENTS, PROSPECTS, VISITS, ORDERS, QUOTES, INVOICES, RECEIPTS, TARGETS, SERVICE, STOCK_COUNTS,
        PRODUCTS,
    )
}  # fmt: skip
