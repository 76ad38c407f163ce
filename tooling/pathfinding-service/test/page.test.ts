import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { buildPage, buildService, type RunningService, startService } from './support/service.ts';

/** `CHROMIUM`, or the first of the usual names on the path. */
function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const places = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env['CHROMIUM'] ?? '', ...places].filter(isProgram)[0];
}

function isProgram(file: string): boolean {
  if (file === '') return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const chromium = findChromium();
if (chromium === undefined) console.warn('the page is not tested: no chromium on the PATH, nor in CHROMIUM');

(chromium === undefined ? describe.skip : describe)('the page in Chromium', () => {
  let service: RunningService;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    await Promise.all([buildService(), buildPage()]);
    service = await startService(['--demo', '2000']);
    const { chromium: launcher } = await import('playwright-core');
    browser = await launcher.launch({
      executablePath: chromium!,
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // WebGL without a graphics card
        '--use-gl=angle',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
      ],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(service.url) && !request.url().startsWith('data:')) problems.push(request.url());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  const drawn = async () => ({ ...(await page.locator('#network').evaluate((element) => ({ ...element.dataset }))) });
  const picture = () => page.locator('#network').screenshot();

  test('draws the network around the largest node', async () => {
    await page.goto(service.url);
    await page.waitForSelector('#network[data-nodes="80"]');
    const top = (await (await fetch(`${service.url}/nodes?limit=1`)).json()) as {
      nodes: { nodeId: string; alias: string }[];
    };
    const around = (await (await fetch(`${service.url}/around/${top.nodes[0]!.nodeId}?hops=2&limit=80`)).json()) as {
      channels: unknown[];
    };
    expect(await drawn()).toMatchObject({ nodes: '80', edges: String(around.channels.length) });
    expect(await page.textContent('#chosen')).toContain(top.nodes[0]!.alias);
    expect(await page.textContent('#state')).toContain('2,000 channels');
  });

  test('draws fewer nodes when asked, and what is on the screen changes', async () => {
    const before = await picture();
    await page.selectOption('#limit', '40');
    await page.click('#find button[type=submit]');
    await page.waitForSelector('#network[data-nodes="40"]');
    expect((await picture()).equals(before)).toBe(false);
  });

  test('finds a route, draws it, and tells its hops and fees as the API does', async () => {
    await page.fill('#amount', '250000');
    const answered = page.waitForResponse((response) => response.url().endsWith('/route'));
    await page.click('#route button[type=submit]');
    const route = (await (await answered).json()) as { parts: { hops: { shortChannelId: string }[] }[] };
    await page.waitForSelector(`#network[data-parts="${route.parts.length}"]`);
    expect(await page.locator('.part').count()).toBe(route.parts.length);
    expect(await page.textContent('#message')).toMatch(/fees [\d,.]+ sat/);
    const text = await page.textContent('#result');
    for (const { shortChannelId } of route.parts.flatMap(({ hops }) => hops)) expect(text).toContain(shortChannelId);
    // the colour of the first part: nothing else on the drawing has it
    expect(
      await page
        .locator('.part')
        .first()
        .evaluate((part) => getComputedStyle(part).borderLeftColor),
    ).toBe('rgb(246, 168, 33)');
  });

  test('takes the chosen node as payer, and says in words why there is no route', async () => {
    await page.click('#from-here');
    expect(await page.inputValue('#payer')).toMatch(/^0[23][0-9a-f]{64}$/);
    await page.fill('#amount', '1000000000');
    expect(problems).toEqual([]);
    await page.click('#route button[type=submit]');
    await page.waitForSelector('#message.bad');
    expect(await page.textContent('#message')).toContain('no route');
    // the browser notes the refusal, and nothing besides it
    expect(problems.filter((problem) => !problem.includes('422'))).toEqual([]);
  });

  test('shows names as text, whatever is in them', async () => {
    await page.fill('#payer', '<img src=x onerror=alert(1)>');
    await page.click('#route button[type=submit]');
    await page.waitForFunction(() => document.querySelector('#message')?.textContent?.includes('no node is called'));
    expect(await page.locator('#message img').count()).toBe(0);
  });
});
