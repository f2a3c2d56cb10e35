@echo off
rem Opens the desk in the browser (Windows): double-click.
chcp 65001 >nul
cd /d "%~dp0"
where py >nul 2>nul
if not errorlevel 1 (
  py -3 bootstrap.py desk %*
  goto end
)
where python >nul 2>nul
if not errorlevel 1 (
  python bootstrap.py desk %*
  goto end
)
echo 没有找到 Python，请先从 python.org 安装 Python 3.11 或更新版本。
echo Python was not found. Install Python 3.11 or newer from python.org first.
pause
exit /b 1
:end
if errorlevel 1 pause
