// Reads everything that the client reads of a page, and prints it as one object.
const { Statuspage } = require('statuspage.io');
const page = new Statuspage('earshot');
page.setApiUrl(process.argv[2]);
(async () => {
  console.log(JSON.stringify({
    summary: await page.api.getSummary(),
    status: await page.api.getStatus(),
    components: await page.api.getComponents(),
    all: await page.api.incidents.getAll(),
    unresolved: await page.api.incidents.getUnresolved(),
    upcoming: await page.api.scheduledMaintenances.getUpcoming(),
  }));
})().catch((err) => { console.error(err.message); process.exit(1); });
