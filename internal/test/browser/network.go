package browser

import "github.com/chromedp/cdproto/network"

// Offline takes the network away from the tab, or gives it back.
func (tab *Tab) Offline(yes bool) {
	tab.t.Helper()
	tab.Do(command(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1}}}))
}
