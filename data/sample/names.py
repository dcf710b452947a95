"""Invented names: companies and their contact persons. Any likeness is chance."""

from __future__ import annotations

from random import Random

_FIRST = "锦瑞恒泰润嘉宏博远景鼎盛启创华荣祥裕万立德信诚汇凯天海新永昌正安隆丰乐达"
_SECOND = "澜辰川岳峰源航宇腾翔驰捷联通达阳晟铭科朗维森林和欣悦霖骏卓凌晖"
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国志文晓燕海波婷雪琳佳慧鑫宇浩然子轩思远雨欣嘉怡"

INDUSTRIES = {
    "电子": ("电子科技", "光电科技", "半导体"),
    "机械": ("机械制造", "精密机械", "重工"),
    "纺织": ("纺织", "服饰", "针织"),
    "化工": ("化工", "新材料", "涂料"),
    "家居": ("家具", "家居用品", "卫浴"),
    "医药": ("医疗器械", "生物医药"),
    "汽配": ("汽车零部件", "汽车配件"),
    "食品": ("食品", "农产品"),
    "跨境电商": ("电子商务", "跨境电商", "供应链管理"),
    "玩具": ("玩具", "文体用品"),
}


def company(rng: Random, city: str, industry: str, taken: set[str]) -> str:
    """A company name nobody in `taken` has, added to it."""
    while True:
        name = f"{city}{rng.choice(_FIRST)}{rng.choice(_SECOND)}{rng.choice(INDUSTRIES[industry])}有限公司"
        if name not in taken:
            taken.add(name)
            return name


def person(rng: Random) -> str:
    """A person's name."""
    return rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice((1, 2, 2))))


def phone(rng: Random) -> str:
    """A mobile number of a made-up block."""
    return f"1990000{rng.randrange(10_000):04d}"
