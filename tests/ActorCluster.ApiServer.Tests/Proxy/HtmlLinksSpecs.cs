using ActorCluster.ApiServer.Proxy;
using FsCheck.Xunit;

namespace ActorCluster.ApiServer.Tests.Proxy;

public class HtmlLinksSpecs
{
    [Theory]
    [InlineData("""<a href="/x">t</a>""", """<a href="[/x]">t</a>""")]
    [InlineData("""<A class=b HREF = '/x' >""", """<A class=b HREF = '[/x]' >""")]
    [InlineData("<img alt=a src=/x.png>", """<img alt=a src="[/x.png]">""")]
    [InlineData("<img/src=/x.png/>", """<img/src="[/x.png/]">""")]
    [InlineData("""<a href="/x?a=1&amp;b=2">""", """<a href="[/x?a=1&amp;b=2]">""")]
    [InlineData("""<a href="&#47;x">""", """<a href="[/x]">""")]
    [InlineData("""<input src="/a" formaction="/b" value="/c">""", """<input src="[/a]" formaction="[/b]" value="/c">""")]
    [InlineData("<form action=/go method=post><input name=href>", """<form action="[/go]" method=post><input name=href>""")]
    [InlineData("""<script src="/s.js">document.write('<a href="/x">')</script><a href="/y">""", """<script src="[/s.js]">document.write('<a href="/x">')</script><a href="[/y]">""")]
    [InlineData("""<a data-x="\u263a" href="/&#9786;">""", """<a data-x="\u263a" href="[/&#9786;]">""")]
    public void Links_are_passed_on_and_the_rest_stays(string page, string expected) => HtmlLinks.Rewrite(page, link => $"[{link}]").ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("plain < text > & more")]
    [InlineData("""<!-- <a href="/x"> --><!DOCTYPE html><?xml href="/x"?>""")]
    [InlineData("""</a href="/x">""")]
    [InlineData("""<title><a href="/x"></title><textarea><a href="/x"></textarea>""")]
    [InlineData("""<plaintext><a href="/x">""")]
    [InlineData("""<p href="/x"><a title="/x" data-href="/x" href>""")]
    [InlineData("<")]
    [InlineData("<a href=")]
    [InlineData("<a href=\"/x")]
    [InlineData("<a href='/x' ")]
    [InlineData("<!--")]
    [InlineData("<script>never closed <a href='/x'>")]
    public void What_is_no_link_of_a_whole_tag_stays(string page) => HtmlLinks.Rewrite(page, link => link).ShouldBe(page);

    [Property]
    public bool No_page_is_changed_by_a_function_that_changes_nothing(string page) => HtmlLinks.Rewrite(page ?? "", link => link) == (page ?? "");
}
