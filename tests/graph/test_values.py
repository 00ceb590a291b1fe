"""The contact values: what each takes, refuses, and calls itself."""

from __future__ import annotations

import pytest

from graph.values import Email, Handle, Link, Phone, QRPayload


@pytest.mark.parametrize(
    ("written", "region", "node_id", "where", "kind"),
    [
        ("13800001234", "CN", "tel:+8613800001234", "CN", "mobile"),
        ("+8613800001234", "CN", "tel:+8613800001234", "CN", "mobile"),
        ("+86 138 0000 1234", "CN", "tel:+8613800001234", "CN", "mobile"),
        ("010-12345678", "CN", "tel:+861012345678", "CN", "fixed_line"),
        ("400-000-1234", "CN", "tel:+864000001234", "CN", "hotline"),
        ("800 810 1234", "CN", "tel:+868008101234", "CN", "hotline"),
        ("+84 912 345 678", "CN", "tel:+84912345678", "VN", "mobile"),
        ("0912345678", "VN", "tel:+84912345678", "VN", "mobile"),
        ("+12015550123", "CN", "tel:+12015550123", "US", "mobile"),
    ],
)
def test_phones_that_are_valid(written: str, region: str, node_id: str, where: str, kind: str) -> None:
    phone = Phone.clean(written, region)
    assert phone is not None
    assert (phone.node_id, phone.region, phone.kind) == (node_id, where, kind)


@pytest.mark.parametrize("written", ["", "12345", "14100001234", "138000012345", "110", "abc", "+999123456789"])
def test_phones_that_are_none(written: str) -> None:
    assert Phone.clean(written) is None


def test_phones_describe_and_compare() -> None:
    mobile, hotline = Phone.clean("13800001234"), Phone.clean("4000001234")
    assert mobile is not None
    assert hotline is not None
    assert mobile.caption == "+86 138 0000 1234"
    assert mobile.specificity > hotline.specificity
    assert mobile.compare(mobile) == 1.0
    assert mobile.compare(hotline) == 0.0


@pytest.mark.parametrize(
    ("service", "written", "value"),
    [
        ("wechat", "ABC_12345", "abc_12345"),
        ("wechat", "ａｂｃ１２３４５", "abc12345"),
        ("wechat", "wxid_a1b2c3d4e5f622", "wxid_a1b2c3d4e5f622"),
        ("wechat", "13800001234", "13800001234"),
        ("qq", "123456789", "123456789"),
        ("whatsapp", "+84 912 345 678", "+84912345678"),
        ("whatsapp", "13800001234", "+8613800001234"),
        ("telegram", "@Ivory_Shop", "ivory_shop"),
        ("line", "@LaoZhang", "@laozhang"),
        ("weibo", "老张文玩", "老张文玩"),
        ("youtube", "UCabcdefghijklmnopqrstuv", "UCabcdefghijklmnopqrstuv"),
        ("newservice", "Somebody", "somebody"),
    ],
)
def test_handles_in_the_form_of_their_service(service: str, written: str, value: str) -> None:
    handle = Handle.clean(service, written)
    assert handle is not None
    assert handle.value == value
    assert handle.node_id == f"{service}:{value}"
    assert Handle.clean(service, handle.value) == handle


@pytest.mark.parametrize(
    ("service", "written"),
    [
        ("wechat", "abc12"),
        ("wechat", "1abcdef"),
        ("wechat", "a" * 21),
        ("wechat", "14100001234"),
        ("wechat", "123456789"),
        ("qq", "0123456"),
        ("qq", "1234"),
        ("qq", "123456789012"),
        ("whatsapp", "laozhang"),
        ("telegram", "abcd"),
        ("telegram", "1abcdef"),
        ("twitter", "a" * 16),
        ("wechat", ""),
        ("newservice", "two words"),
    ],
)
def test_handles_that_no_service_gives_out(service: str, written: str) -> None:
    assert Handle.clean(service, written) is None


def test_handles_one_edit_apart_may_be_misread() -> None:
    left, right = Handle("wechat", "abc_12345"), Handle("wechat", "abc_12346")
    assert left.compare(right) == 0.5
    assert left.compare(left) == 1.0
    assert left.compare(Handle("qq", "abc_12345")) == 0.0
    assert left.specificity > Handle("weibo", "老张").specificity


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Abc@Mail.Example", "abc@mail.example"),
        ("mailto:a1@mail.example", "a1@mail.example"),
        ("a+b@m.mail.example", "a+b@m.mail.example"),
    ],
)
def test_emails(written: str, address: str) -> None:
    email = Email.clean(written)
    assert email is not None
    assert email.node_id == f"mailto:{address}"


@pytest.mark.parametrize(
    "written", ["", "abc", "a@b", "a..b@mail.example", "a@-.example", "@mail.example", "a.@mail.example"]
)
def test_emails_that_are_none(written: str) -> None:
    assert Email.clean(written) is None


@pytest.mark.parametrize(
    ("written", "url", "owner"),
    [
        ("HTTPS://WWW.Example.COM:443/Path?b=1&utm_source=x#top", "https://www.example.com/Path?b=1", None),
        ("example.com/", "https://example.com", None),
        ("http://例子.中国/a", "http://xn--fsqu00a.xn--fiqs8s/a", None),
        ("https://user:secret@example.com/a", "https://example.com/a", None),
        ("http://example.com:8080/a", "http://example.com:8080/a", None),
        ("wa.me/8613800001234", "https://wa.me/8613800001234", "whatsapp:+8613800001234"),
        ("https://t.me/LaoZhang88", "https://t.me/LaoZhang88", "telegram:laozhang88"),
        ("https://t.me/joinchat/AAAA", "https://t.me/joinchat/AAAA", None),
        ("https://weibo.com/u/1234567890", "https://weibo.com/u/1234567890", "weibo:1234567890"),
        ("https://zalo.me/0912345678", "https://zalo.me/0912345678", "zalo:+84912345678"),
        (
            "https://www.facebook.com/profile.php?id=100012345678",
            "https://www.facebook.com/profile.php?id=100012345678",
            "facebook:100012345678",
        ),
        ("https://line.me/R/ti/p/%40laozhang", "https://line.me/R/ti/p/%40laozhang", "line:@laozhang"),
        ("https://shop12345.taobao.com", "https://shop12345.taobao.com", "taobao:shop12345"),
        ("https://detail.taobao.com", "https://detail.taobao.com", None),
        (
            "https://www.goofish.com/personal?userId=123456",
            "https://www.goofish.com/personal?userId=123456",
            "xianyu:123456",
        ),
    ],
)
def test_links(written: str, url: str, owner: str | None) -> None:
    link = Link.clean(written)
    assert link is not None
    assert link.url == url
    assert Link.clean(link.url) == link
    found = link.owner()
    assert (found.node_id if found else None) == owner


@pytest.mark.parametrize(
    "written", ["", "abc", "ftp://example.com", "https://", "http://ex ample.com", "http://[::1", "http://a:x/"]
)
def test_links_that_are_none(written: str) -> None:
    assert Link.clean(written) is None


def test_long_ids_are_hashed() -> None:
    link = Link.clean("https://example.com/" + "a" * 3000)
    assert link is not None
    assert link.node_id.startswith("link:sha256:")
    assert len(link.node_id) < 100


@pytest.mark.parametrize(
    ("content", "kind", "inside"),
    [
        ("https://u.wechat.com/EAbC", "wechat_friend", ["link:https://u.wechat.com/EAbC"]),
        ("https://weixin.qq.com/g/AbC", "wechat_group", ["link:https://weixin.qq.com/g/AbC"]),
        ("wxp://f2f0abc", "wechat_pay", []),
        ("HTTPS://QR.ALIPAY.COM/FKX0123", "alipay", ["link:https://qr.alipay.com/fkx0123"]),
        ("https://qm.qq.com/q/abc", "qq", ["link:https://qm.qq.com/q/abc"]),
        ("mqqapi://card/show_pslcard?src_type=internal&uin=123456789", "qq", ["qq:123456789"]),
        ("tel:+8613800001234", "phone", ["tel:+8613800001234"]),
        ("13800001234", "phone", ["tel:+8613800001234"]),
        ("https://weidian.com/?userid=123456", "shop", ["link:https://weidian.com/?userid=123456", "weidian:123456"]),
        ("https://t.me/laozhang88", "profile", ["link:https://t.me/laozhang88", "telegram:laozhang88"]),
        ("https://www.example.com/a", "link", ["link:https://www.example.com/a"]),
        (
            "BEGIN:VCARD\nFN:Zhang\nTEL;TYPE=CELL:138 0000 1234\nURL:https://a.example\nEND:VCARD",
            "vcard",
            ["tel:+8613800001234", "link:https://a.example"],
        ),
        ("MECARD:N:Zhang;TEL:13800001234;;", "vcard", ["tel:+8613800001234"]),
        ("hello", "unknown", []),
        ("http://[broken", "unknown", []),
    ],
)
def test_codes(content: str, kind: str, inside: list[str]) -> None:
    code = QRPayload.clean(content)
    assert code is not None
    assert code.kind == kind
    assert [value.node_id for value in code.inside()] == inside


def test_a_code_printed_twice_is_one_node() -> None:
    left, right = QRPayload.clean("HTTPS://QR.ALIPAY.COM/FKX0123"), QRPayload.clean(" https://qr.alipay.com/fkx0123\n")
    assert left is not None
    assert right is not None
    assert left.node_id == right.node_id
    assert len(left.node_id) == len("qr:") + 16
    assert QRPayload.clean("  ") is None


def test_every_type_owns_the_five_duties() -> None:
    for kind in (Phone, Handle, Email, Link, QRPayload):
        for duty in ("clean", "compare", "specificity", "node_id", "caption"):
            assert hasattr(kind, duty), f"{kind.__name__}.{duty}"
