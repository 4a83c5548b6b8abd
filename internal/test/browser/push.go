package browser

import (
	"context"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// AllowNotifications lets the pages of an origin show notifications, as a person does who
// agrees. The browser of the tests reaches no push service: the page gets a made-up
// subscription, the JavaScript object that its toJSON returns.
func (tab *Tab) AllowNotifications(origin, subscription string) {
	tab.t.Helper()
	info := Ask(tab, func(ctx context.Context, t *chromedp.Target) (target.GetTargetInfoResult, error) {
		return cdp.Call(ctx, t, target.GetTargetInfo, target.GetTargetInfoParams{})
	})
	tab.Do(command(browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted, Origin: origin,
		BrowserContextID: info.TargetInfo.BrowserContextID}))
	Eval[any](tab, `PushManager.prototype.subscribe = async () => ({ toJSON: () => (`+subscription+`) }), null`)
}
